"""AudioSocket, as Asterisk speaks it over TCP: messages of a kind, a length and a payload. Pure.

See https://docs.asterisk.org/Configuration/Channel-Drivers/AudioSocket/. What comes from the network is not trusted:
what Asterisk would never send is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

FRAME_BYTES: Final = 320  # 20 ms at 8 kHz, 16-bit
SILENCE: Final = bytes(FRAME_BYTES)
HANG_UP: Final = bytes(3)  # the message that ends a connection in good order

HANGS_UP, NAMES, SOUND = 0x00, 0x01, 0x10
_KEY = 0x03
_LONGEST: Final = {HANGS_UP: 0, NAMES: 16, _KEY: 1, SOUND: 6 * FRAME_BYTES}  # bytes of payload, by kind
_HEAD_BYTES: Final = 3
# What nearly every message is: one frame.
_USUAL_HEAD: Final = SOUND.to_bytes() + FRAME_BYTES.to_bytes(2)
_USUAL_BYTES: Final = _HEAD_BYTES + FRAME_BYTES


class NotAudioSocketError(ValueError):
    """The bytes are not what Asterisk sends."""


class Messages:
    """Cuts the bytes of a connection into messages. Keeps less than the longest one."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def take(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The kind and the payload of each message that is whole now. Raises `NotAudioSocketError`."""
        if not self._kept and len(data) == _USUAL_BYTES and data.startswith(_USUAL_HEAD):
            yield SOUND, data[_HEAD_BYTES:]
            return
        self._kept += data
        while len(self._kept) >= _HEAD_BYTES:
            kind, length = self._kept[0], int.from_bytes(self._kept[1:_HEAD_BYTES])
            if length > _LONGEST.get(kind, -1):
                raise NotAudioSocketError(f"a message of kind {kind:#04x} with {length} bytes")
            if len(self._kept) < _HEAD_BYTES + length:
                return
            payload = bytes(self._kept[_HEAD_BYTES : _HEAD_BYTES + length])
            del self._kept[: _HEAD_BYTES + length]
            yield kind, payload


class Frames:
    """Cuts sound into frames of 20 ms, however it was cut before."""

    def __init__(self) -> None:
        self._kept = b""

    def take(self, sound: bytes) -> Iterator[bytes]:
        """The frames that are whole now."""
        if not self._kept and len(sound) == FRAME_BYTES:
            yield sound
            return
        sound = self._kept + sound
        whole = len(sound) - len(sound) % FRAME_BYTES
        self._kept = sound[whole:]
        for start in range(0, whole, FRAME_BYTES):
            yield sound[start : start + FRAME_BYTES]
