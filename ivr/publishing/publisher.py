"""Brings a version live, or refuses to: nothing goes live that cannot be read and checked here. Asks the library."""

from __future__ import annotations

import time
from dataclasses import dataclass

from context_store.editions import Edition, Publication
from context_store.library import Library
from ivr.errors import FlowError, SettingsError
from ivr.flow.model import Flow
from ivr.hotline.hearing import unheard_in
from ivr.hotline.reading import queue_names, read_edition, read_texts, settings_files
from ivr.hotline.texts import HotlineTexts, gather_hotline
from ivr.publishing.versions import BEFORE, FILES, live, published, stored
from ivr.settings import Settings
from ivr.speech.book import PromptBook

LONGEST_NAME, LONGEST_NOTE = 64, 500  # characters


@dataclass(frozen=True, slots=True)
class Candidate:
    """The files of the settings, read once and without mistakes: what is checked and tested is what goes live."""

    texts: HotlineTexts
    flow: Flow
    book: PromptBook

    @property
    def version(self) -> str:
        """The digest of all of it."""
        return self.flow.version


@dataclass(frozen=True, slots=True)
class Signature:
    """Who does it, and why. Raises `SettingsError` for what is no name or no note."""

    by: str
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.by.strip()) <= LONGEST_NAME or not self.by.isprintable():
            raise SettingsError(f"--by must be a name of at most {LONGEST_NAME} characters")
        if len(self.note) > LONGEST_NOTE or not self.note.isprintable():
            raise SettingsError(f"--note must be one line of at most {LONGEST_NOTE} characters")


def candidate(settings: Settings) -> Candidate:
    """The files of the settings. Raises `FlowError` with every mistake, a queue that does not exist among them.

    Where a speech model is installed, a phrase with a word that it does not know is a mistake, too.
    """
    flow, prompts = settings_files(settings)
    texts = gather_hotline(flow, prompts)
    unheard = unheard_in(settings.hearing.models)
    checked, book = read_texts(texts, prompts, settings.controller.region, queue_names(settings), unheard)
    return Candidate(texts, checked, book)


async def publish(library: Library, hotline: str, new: Candidate, seen: str, signed: Signature) -> None:
    """Make it live. `seen` is the version that was live when the publisher looked. Raises `AnotherIsLive`."""
    now = time.time()
    edition = Edition(hotline, new.version, new.texts.files, now, signed.by)
    await library.publish(edition, Publication(new.version, seen, now, signed.by, signed.note))


async def roll_back(library: Library, settings: Settings, wanted: str | None, signed: Signature) -> Publication:
    """Make a version live that was published before: the one named, or the one that was live before.

    Raises `SettingsError` when there is none such, or when it cannot be served with these settings.
    """
    hotline = settings.controller.flow
    history = await library.history(hotline)
    seen = live(history)
    if wanted == FILES:
        raise SettingsError("the files are not gone back to: `ivr publish` makes them live")
    version = published(wanted or BEFORE, history)
    if version == seen:
        raise SettingsError(f"{version} is live already; `ivr versions` lists the others")
    edition = await stored(library, hotline, version)
    try:
        read_edition(edition, settings)
    except FlowError as error:
        raise SettingsError(
            f"{version} cannot be served with this version of Devam and these settings; nothing was changed:\n{error}"
        ) from None
    deed = Publication(version, seen, time.time(), signed.by, signed.note, "rolled_back")
    await library.publish(edition, deed)
    return deed
