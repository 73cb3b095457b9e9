"""What the commands do, step by step, and what they say meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from rich.console import Console

from context_store.editions import Announcement
from context_store.errors import StoreError
from context_store.library import Library
from ivr.errors import DevamError
from ivr.flow.model import Flow
from ivr.hotline.reading import read_edition
from ivr.publishing import announcing, shown
from ivr.publishing.changes import changes, counted
from ivr.publishing.publisher import Candidate, Signature, candidate, publish
from ivr.publishing.versions import LIVE, side, stored
from ivr.settings import Settings
from ivr.speech.book import PromptBook

Test = Callable[[Candidate], None]  # raises when the candidate may not go live


async def publish_files(
    settings: Settings, library: Library, signed: Signature, test: Test | None, console: Console
) -> None:
    """Check, test, publish; whatever is wrong raises, and nothing has changed then. Without `test`, it is untested."""
    hotline = settings.controller.flow
    new = candidate(settings)
    console.print(f"[green]checked[/]    {len(new.texts.files)} files, no mistakes")
    seen = (await library.standing(hotline)).version
    if seen == new.version:
        console.print(f"[bold]{new.version}[/] is live already: the files have nothing new")
        return
    console.print(f"[green]compared[/]   {await _difference(settings, library, seen, new)}")
    if test:
        test(new)
    else:
        console.print("[yellow]untested[/]   as you said")
    await publish(library, hotline, new, seen, signed)
    console.print(f"[bold green]live[/]       {new.version} for new calls, on every controller; calls under way go on")
    if seen:
        console.print("[dim]           to go back: ivr rollback[/]")


async def list_versions(settings: Settings, library: Library, last: int, console: Console) -> None:
    """What went live, and how the files stand to it."""
    history = await library.history(settings.controller.flow)
    if not history:
        console.print("nothing is published: calls are served from the files; `ivr publish` publishes them")
        return
    shown.versions(console, history, last)
    try:
        files = candidate(settings).version
    except DevamError:
        console.print("\nthe files have mistakes: `ivr check` tells them")
        return
    same = files == history[0].version
    console.print(f"\nthe files are {'what is live' if same else f'another version, {files}: `ivr diff`'}")


async def announce_texts(
    settings: Settings,
    library: Library,
    text: str | None,
    texts: Mapping[str, str],
    lasting: str,
    by: str,
    console: Console,
) -> None:
    """Have new calls hear it. `text` is in the hotline's first language, `texts` go by language."""
    seconds = announcing.seconds(lasting)
    flow, book = await _served(settings, library)
    if text is not None:
        texts = {flow.languages[0]: text, **texts}
    now = time.time()
    told = Announcement(announcing.checked(texts, flow, book), now + seconds, now, by)
    await library.announce(settings.controller.flow, told)
    shown.announcement(console, told)
    console.print("[dim]to take it back: ivr announce --off[/]")


async def show_announcement(settings: Settings, library: Library, console: Console) -> None:
    """What callers hear at the moment."""
    told = (await library.standing(settings.controller.flow)).announcement
    if told:
        shown.announcement(console, told)
    else:
        console.print("nothing is announced")


async def withdraw(settings: Settings, library: Library, console: Console) -> None:
    """New calls do not hear it any more."""
    await library.announce(settings.controller.flow, None)
    console.print("nothing is announced any more")


async def _difference(settings: Settings, library: Library, seen: str, new: Candidate) -> str:
    """What will change for callers, in one line."""
    if not seen:
        return "nothing was published before"
    try:
        before = await side(LIVE, settings, library)
        return f"{counted(changes(before.texts, new.texts))} since {seen}"
    except (DevamError, StoreError):  # what is live came from another version of Devam: no reason not to replace it
        return f"what changed since {seen} cannot be told: it was published by another version of Devam"


async def _served(settings: Settings, library: Library) -> tuple[Flow, PromptBook]:
    """The hotline that new calls are served with: the live edition, or the files when nothing is published."""
    hotline = settings.controller.flow
    version = (await library.standing(hotline)).version
    if not version:
        new = candidate(settings)
        return new.flow, new.book
    return read_edition(await stored(library, hotline, version), settings)
