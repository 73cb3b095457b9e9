from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.telephony.audio_wire import FRAME_BYTES, HANG_UP, NAMES, SOUND, Frames, Messages, NotAudioSocketError


def message(kind: int, payload: bytes) -> bytes:
    return kind.to_bytes() + len(payload).to_bytes(2) + payload


NAME = message(NAMES, bytes(range(16)))
FRAME = message(SOUND, b"\x01\x02" * 160)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(ends)]


@given(st.lists(st.integers(0, 3000), max_size=30))
def test_messages_come_whole_however_the_network_cut_them(places: list[int]) -> None:
    messages = Messages()
    taken = [
        got for data in cut(NAME + FRAME * 4 + message(0x03, b"5") + HANG_UP, places) for got in messages.take(data)
    ]
    assert taken == [(NAMES, NAME[3:]), *[(SOUND, FRAME[3:])] * 4, (0x03, b"5"), (0, b"")]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",  # TLS
        message(NAMES, bytes(17)),
        message(SOUND, bytes(1922)),
        b"\x10\xff\xff",
        b"\x00\x00\x01",
        b"\xff\x00\x01",
        FRAME + b"\x7f\x00\x00",
    ],
)
def test_what_asterisk_never_sends_is_an_error_before_it_is_kept(data: bytes) -> None:
    with pytest.raises(NotAudioSocketError):
        list(Messages().take(data))


@given(st.lists(st.binary(max_size=2000), max_size=20))
def test_whatever_comes_no_more_is_kept_than_one_message(chunks: list[bytes]) -> None:
    messages = Messages()
    try:
        for chunk in chunks:
            for kind, payload in messages.take(chunk):
                assert kind in (0, 1, 3, 0x10)
                assert len(payload) <= 1920
            assert len(messages._kept) < 1923
    except NotAudioSocketError:
        pass


@given(st.lists(st.binary(max_size=900), max_size=20))
def test_frames_have_20_ms_however_the_sound_was_cut(sounds: list[bytes]) -> None:
    frames = Frames()
    got = [frame for sound in sounds for frame in frames.take(sound)]
    whole = b"".join(sounds)
    assert {len(frame) for frame in got} <= {FRAME_BYTES}
    assert b"".join(got) == whole[: len(whole) // FRAME_BYTES * FRAME_BYTES]
