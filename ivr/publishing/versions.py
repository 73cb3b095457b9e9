"""Which version is meant: a prefix, `live`, `before`, `files`. Asks the library and reads files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from context_store.editions import Edition, Publication
from context_store.library import Library
from ivr.errors import SettingsError
from ivr.flow.reading.hints import listed
from ivr.hotline.reading import settings_files
from ivr.hotline.texts import HotlineTexts, edition_texts, gather_hotline
from ivr.settings import Settings

FILES, LIVE, BEFORE = "files", "live", "before"
SHORTEST = 4  # digits of a version that name it

_NOTHING = "nothing is published yet; `ivr publish` publishes the files"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: what it is called, and its texts."""

    name: str
    texts: HotlineTexts


async def side(word: str, settings: Settings, library: Library) -> Side:
    """What a person calls so. Raises `SettingsError` for what does not exist, `FlowError` for unreadable files."""
    if word == FILES:
        return Side("the files", gather_hotline(*settings_files(settings)))
    hotline = settings.controller.flow
    history = await library.history(hotline)
    version = published(word, history)
    edition = await stored(library, hotline, version)
    return Side(version if word not in (LIVE, BEFORE) else f"{version} ({word})", edition_texts(edition))


async def stored(library: Library, hotline: str, version: str) -> Edition:
    """An edition that was published. Raises `SettingsError` when the store has lost it."""
    edition = await library.edition(hotline, version)
    if edition is None:
        raise SettingsError(f"the store has lost the texts of {version}; publish them again from the files")
    return edition


def published(word: str, history: Sequence[Publication]) -> str:
    """The published version that a person calls so. Raises `SettingsError` when there is none."""
    if word == LIVE:
        return live(history)
    return before_live(history) if word == BEFORE else named(word, history)


def live(history: Sequence[Publication]) -> str:
    """The version that is live. `history` has the newest first. Raises `SettingsError` when nothing is published."""
    if not history:
        raise SettingsError(_NOTHING)
    return history[0].version


def before_live(history: Sequence[Publication]) -> str:
    """The version to roll back to: the one that was live before, and, after a rollback, the one before that.

    So that rolling back twice goes back two publications, and not forward to what was rolled back.
    """
    if not history:
        raise SettingsError(_NOTHING)
    trail: list[str] = []
    for publication in reversed(history):
        if publication.deed == "rolled_back" and publication.version in trail:
            del trail[_last(trail, publication.version) :]
        trail.append(publication.version)
    if len(trail) < 2:
        raise SettingsError(f"nothing was live before {trail[-1]}; name a version, `ivr versions` lists them")
    return trail[-2]


def named(prefix: str, history: Iterable[Publication]) -> str:
    """The one version that begins so. Raises `SettingsError` when there is none, or more than one."""
    versions = dict.fromkeys(publication.version for publication in history)
    found = [version for version in versions if version.startswith(prefix.lower())]
    if len(prefix) < SHORTEST or not found:
        words = f"a version ({SHORTEST} digits of it are enough), {LIVE}, {BEFORE} or {FILES}"
        raise SettingsError(f"{prefix!r} is no version that was published: give {words}; `ivr versions` lists them")
    if len(found) > 1:
        raise SettingsError(f"{prefix!r} may be {listed(found)}: give more of its digits")
    return found[0]


def _last(trail: Sequence[str], version: str) -> int:
    return len(trail) - 1 - trail[::-1].index(version)
