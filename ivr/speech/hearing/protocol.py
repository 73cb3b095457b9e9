"""The messages of a vosk-server: JSON out, JSON in, sound between. Pure; used by both ends.

The caller's end sends `{"config": …}`, then 16 kHz, 16-bit, mono PCM; each message of it is answered once. `{"eof": 1}`
asks for what is left, and ends it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from aiohttp import WSCloseCode
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.flow.listening import UNKNOWN

RATE: Final = 16000  # Hz: a model of 16 kHz that is given 8 kHz fails at the first sound
END: Final = '{"eof" : 1}'  # letter by letter: a vosk-server knows no other
LARGEST_MESSAGE: Final = 262144  # bytes, eight seconds
MOST_PHRASES: Final = 2000
LONGEST_PHRASE: Final = 200  # characters


@dataclass(frozen=True, slots=True)
class Answer:
    """What was recognised: for the time being (`partial`), or for good, with the confidence of each word."""

    words: tuple[str, ...] = field(repr=False)
    confidences: tuple[float, ...] = ()
    partial: bool = False


class NotAnswerError(ValueError):
    """It is not what a vosk-server answers."""


class GrammarError(ValueError):
    """Phrases of which a model can hear none."""


class RefusedError(ValueError):
    """What a server does not take. `code` is that of the websocket's close, the message its reason."""

    def __init__(self, code: WSCloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def config(phrases: Sequence[str]) -> str:
    """What begins an utterance. Without `UNKNOWN`, a vosk-server would take whatever is said for one of the phrases."""
    settings = {"sample_rate": RATE, "phrase_list": [*phrases, UNKNOWN], "words": True, "max_alternatives": 0}
    return json.dumps({"config": settings}, ensure_ascii=False)


def read_answer(text: str) -> Answer:
    """An answer to sound or to the end. Raises `NotAnswerError`."""
    try:
        answer = _Answer.model_validate_json(text)
    except ValidationError:
        raise NotAnswerError from None  # what was heard may be in it
    if answer.partial is not None:
        return Answer(tuple(answer.partial.split()), partial=True)
    if answer.result:
        return Answer(tuple(one.word for one in answer.result), tuple(one.conf for one in answer.result))
    words = tuple(answer.text.split())
    return Answer(words, (1.0,) * len(words))  # a server that tells no confidences


def read_request(text: str) -> tuple[str, ...] | None:
    """The phrases of a config; None for the end. Raises `RefusedError`."""
    try:
        request = _Request.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        code = WSCloseCode.POLICY_VIOLATION if where else WSCloseCode.INVALID_TEXT
        raise RefusedError(code, f"{where or 'the message'}: {first['msg']}"[:_LONGEST_REASON]) from None
    if request.config:
        return request.config.phrase_list
    if request.eof:
        return None
    raise RefusedError(WSCloseCode.POLICY_VIOLATION, 'neither {"config": …} nor {"eof": 1}')


_LONGEST_REASON: Final = 100  # characters; a close has room for 123 bytes


class _Config(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    sample_rate: Literal[16000] = Field(description="models are of that rate")
    phrase_list: tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_PHRASE)], ...] = Field(
        min_length=1,
        max_length=MOST_PHRASES + 1,  # one is UNKNOWN
    )
    max_alternatives: Literal[0] = 0


class _Request(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    config: _Config | None = None
    eof: Literal[1, None] = None


class _Word(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    word: str
    conf: float = Field(default=1.0, ge=0, le=1.001)  # some are a hair above 1


class _Answer(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    partial: str | None = None
    text: str = ""
    result: tuple[_Word, ...] = ()
