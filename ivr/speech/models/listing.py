"""The list of models that the Vosk project publishes, or a mirror of it. Asks over HTTP; trusts nothing it reads."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Annotated, Final

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from ivr.errors import ModelError
from ivr.speech.models.web import see_to_https, see_to_way, shown, why

ADDRESS: Final = "https://alphacephei.com/vosk/models/model-list.json"
LARGEST: Final = 4 * 1024**3  # bytes of an archive
LICENCES: Final = {  # as the Vosk project tells them on its page of models; the list itself does not
    "vosk-model-small-en-us-0.15": "Apache-2.0",
    "vosk-model-en-us-0.22-lgraph": "Apache-2.0",
    "vosk-model-small-tr-0.3": "Apache-2.0",
}
SMALL: Final = {"en": "vosk-model-small-en-us-0.15", "tr": "vosk-model-small-tr-0.3"}  # to name them without the list

_LONGEST_LIST: Final = 2 * 1024**2  # bytes
_MOST_MODELS: Final = 2000
_PATIENCE: Final = 20.0  # seconds
_FIRST_OF: Final = {"en": "en-us"}  # of a language that comes in several kinds, the one that is taken


class Listed(BaseModel):
    """One model of the list. `lang` is "tr" or "en-us"; `size` is of the archive, in bytes."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    lang: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z]{2,8})?$")]
    type: Annotated[str, Field(pattern=r"^[a-z-]{1,20}$")]
    size: Annotated[int, Field(gt=0, le=LARGEST)]
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    url: Annotated[str, Field(pattern=r"^https?://[!-~]{1,500}$")]
    obsolete: bool = False

    @property
    def licence(self) -> str:
        """Its licence, "" where we do not know it."""
        return LICENCES.get(self.name, "")


class ListUnreachable(ModelError):
    """There was no answer, or none that is a list."""


async def fetch(session: aiohttp.ClientSession, address: str) -> list[Listed]:
    """The models of the list at `address`. Raises `ListUnreachable`, or `ModelError` for an address that is not asked.

    An address that is not our own may be without https: somebody has named it.
    """
    try:
        see_to_https(URL(address), address)
        async with asyncio.timeout(_PATIENCE), session.get(address) as answer:
            see_to_way(answer, address)
            if answer.status != 200:
                raise ListUnreachable(f"{shown(address)}: the list of models cannot be read (status {answer.status})")
            raw = await _at_most(answer.content, _LONGEST_LIST + 1)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ListUnreachable(f"{shown(address)} cannot be reached ({why(error)})") from None
    return read(raw, shown(address))


def read(raw: bytes, origin: str) -> list[Listed]:
    """The models of a list, without those that make no sense. Raises `ListUnreachable` when there is none at all."""
    try:
        entries = json.loads(raw) if len(raw) <= _LONGEST_LIST else None
    except (ValueError, RecursionError):
        entries = None
    found = (
        [model for entry in entries[:_MOST_MODELS] if (model := _listed(entry))] if isinstance(entries, list) else []
    )
    if not found:
        raise ListUnreachable(f"{origin} is not a list of Vosk models")
    return found


def of_language(models: Sequence[Listed], language: str) -> list[Listed]:
    """The models of that language, of whatever country; first the one to take when nobody chooses: a small, new one."""

    def order(model: Listed) -> tuple[bool, bool, bool, tuple[int, ...]]:
        usual = model.lang in (language, _FIRST_OF.get(language))
        return model.obsolete, model.type != "small", not usual, tuple(-int(part) for part in _numbers(model.name))

    return sorted((model for model in models if model.lang.partition("-")[0] == language), key=order)


def choose(models: Sequence[Listed], language: str, name: str | None) -> Listed:
    """The model of that name, or the one to take when there is none. Raises `ModelError` that tells what there is."""
    offered = of_language(models, language)
    if not offered:
        known = ", ".join(sorted({model.lang.partition("-")[0] for model in models}))
        raise ModelError(f"the list has no model of the language {language!r}; it has {known}")
    for model in offered:
        if model.name == name or (name is None and model.type == "small"):
            return model
    what = f"no model {name!r} of" if name else "no small model of"
    raise ModelError(f"the list has {what} {language!r}; choose with --name: {', '.join(one.name for one in offered)}")


def _listed(entry: object) -> Listed | None:
    try:
        return Listed.model_validate(entry)
    except ValidationError:
        return None


def _numbers(name: str) -> list[str]:
    """Of its version: ["0", "15"] of vosk-model-small-en-us-0.15."""
    return re.findall(r"\d{1,9}", name)


async def _at_most(content: aiohttp.StreamReader, size: int) -> bytes:
    try:
        return await content.readexactly(size)
    except asyncio.IncompleteReadError as end:
        return end.partial
