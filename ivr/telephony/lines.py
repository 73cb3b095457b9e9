"""Which channels are ours: whose events come to us, and those that are on their way to us."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from ivr.telephony.ami_link import AmiLink
from ivr.telephony.ari import AriClient
from ivr.telephony.ears import Ears
from ivr.telephony.line import AriLine
from ivr.telephony.media import Media, on_the_same_machine


class Lines:
    """One `AriLine` for each channel. Without a `link`, what it would do at once is done by `client`, later.

    Without `ears` nobody is heard. `media` tells where Asterisk finds files.
    """

    def __init__(
        self,
        client: AriClient,
        link: AmiLink | None = None,
        ears: Ears | None = None,
        media: Media = on_the_same_machine,
    ) -> None:
        self.client = client
        self.ears = ears or Ears(client)
        self._link = link
        self._media = media
        self._ours: dict[str, AriLine] = {}
        self._expected: dict[str, tuple[AriLine, asyncio.Event]] = {}

    @property
    def ours(self) -> Mapping[str, AriLine]:
        """The lines whose events come to us, by channel."""
        return MappingProxyType(self._ours)

    def line(self, channel: str, app: str = "") -> AriLine:
        """The channel's line, a new one where it is not ours. `app` is where it was seen, by default with us."""
        return self._ours.get(channel) or AriLine(
            self.client, channel, self._link, self.ears, self._media, app=app or self.client.app, bring=self._bring
        )

    def came(self, channel: str) -> AriLine:
        """The channel is ours from now on."""
        line = self._ours.get(channel)
        if line and line.handed_over:  # it is back, and nothing has told that it had left
            self.left(channel)
        if expected := self._expected.get(channel):
            expected[1].set()
        return self._ours.setdefault(channel, expected[0] if expected else self.line(channel))

    def left(self, channel: str) -> AriLine | None:
        """The channel is not ours any more; its line, if it was."""
        if line := self._ours.pop(channel, None):
            line.deafen()
        return line

    def keep_only(self, channels: Collection[str]) -> None:
        """Forget the lines of all other channels."""
        for channel in self._ours.keys() - {*channels}:
            self.left(channel)

    def expected(self, channel: str) -> bool:
        """Whether the channel is on its way to us."""
        return channel in self._expected

    @contextmanager
    def expecting(self, line: AriLine) -> Iterator[asyncio.Event]:
        """While its channel is on its way to us; the event is set when it has come."""
        came = asyncio.Event()
        self._expected[line.id] = (line, came)
        try:
            yield came
        finally:
            del self._expected[line.id]

    async def _bring(self, line: AriLine) -> None:
        """Bring a channel to us and return when its events come. Raises `TelephonyError`."""
        if line.app == self.client.app or line.id in self._ours:  # it may have come late, after an earlier attempt
            line.app = self.client.app
            self._ours[line.id] = line
            return
        with self.expecting(line) as came:
            await line.move(came)
