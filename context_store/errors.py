"""What can go wrong with a store.

StoreError
├── StoreUnavailable   the store cannot be reached or did not answer in time: go on in memory, try again
├── StaleRevision      somebody else has saved a newer step of this interaction: this call is no longer ours
├── AnotherIsLive      somebody else has published meanwhile: nothing was changed
└── BadRecord          a record that cannot be written as JSON, or a stored one that this version cannot read
"""


class StoreError(Exception):
    """Anything a store can raise."""


class StoreUnavailable(StoreError):
    """The store cannot be reached, refused the write or did not answer in time."""


class StaleRevision(StoreError):
    """A newer step of this interaction is in the store already."""


class AnotherIsLive(StoreError):
    """Not what the publisher saw is live now. `live` is the version that is, empty for none."""

    def __init__(self, live: str) -> None:
        self.live = live
        super().__init__(
            f"{live or 'nothing'} is live now: somebody else has published meanwhile. Nothing was changed.\n"
            "`ivr versions` tells who, `ivr diff` what publishing your files would take back; "
            "bring their change into your files, then publish again"
        )


class BadRecord(StoreError):
    """A record cannot be written, or what is stored is broken or of a newer format. Says nothing of its content."""
