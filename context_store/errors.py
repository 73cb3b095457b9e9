"""What can go wrong with a store.

StoreError
├── StoreUnavailable   the store cannot be reached or did not answer in time: go on in memory, try again
└── StaleRevision      somebody else has saved a newer step of this interaction: this call is no longer ours
"""


class StoreError(Exception):
    """Anything a store can raise."""


class StoreUnavailable(StoreError):
    """The store cannot be reached, refused the write or did not answer in time."""


class StaleRevision(StoreError):
    """A newer step of this interaction is in the store already."""
