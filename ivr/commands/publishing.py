"""Commands for those who bring flows to callers: publish, see what is live, go back, announce."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ivr.commands.shared import SettingsOption, out, report
from ivr.errors import SettingsError
from ivr.settings import Settings, load, settings_file

if TYPE_CHECKING:
    from context_store.redis_library import RedisLibrary
    from ivr.publishing.publisher import Candidate

commands = typer.Typer()

ByOption = Annotated[str | None, typer.Option(help="Who does it; default: your login name.")]
NoteOption = Annotated[str, typer.Option(help="Why; kept with the version.")]


@commands.command()
def publish(
    note: NoteOption = "",
    by: ByOption = None,
    tests: Annotated[list[Path] | None, typer.Option(help="Flow tests; default: those of `ivr test`.")] = None,
    no_tests: Annotated[bool, typer.Option("--no-tests", help="Do not run flow tests; needs a --note.")] = False,
    settings: SettingsOption = None,
) -> None:
    """Check and test the settings' flows and prompts, and make them live for new calls on every controller."""
    from ivr.publishing.deeds import publish_files
    from ivr.publishing.publisher import Signature
    from ivr.publishing.testing import run_flow_tests

    if no_tests and not note:
        raise SettingsError('--no-tests needs a reason: add --note "…"')
    loaded, signed = load(settings), Signature(by or _login(), note)

    def test(new: Candidate) -> None:
        run_flow_tests(new, tests or [], settings_file(settings), loaded.controller.region, out)

    async def work() -> None:
        async with _library(loaded) as library:
            await publish_files(loaded, library, signed, None if no_tests else test, out)

    asyncio.run(work())


@commands.command()
def versions(
    last: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20, settings: SettingsOption = None
) -> None:
    """List what went live, when, by whom; and whether the files differ from it."""
    from ivr.publishing.deeds import list_versions

    loaded = load(settings)

    async def work() -> None:
        async with _library(loaded) as library:
            await list_versions(loaded, library, last, out)

    asyncio.run(work())


@commands.command()
def diff(
    old: Annotated[str, typer.Argument(help="A version, live, before (the one before it) or files.")] = "live",
    new: Annotated[str, typer.Argument(help="Another.")] = "files",
    settings: SettingsOption = None,
) -> None:
    """Tell what differs between two versions, by nodes and prompts; by default, what `ivr publish` would change."""
    from ivr.publishing.changes import changes
    from ivr.publishing.shown import changes as show
    from ivr.publishing.versions import side

    loaded = load(settings)

    async def work() -> None:
        async with _library(loaded) as library:
            one, other = await side(old, loaded, library), await side(new, loaded, library)
        if found := changes(one.texts, other.texts):
            report(f"from {one.name} to {other.name}")
            show(out, found)
        else:
            report(f"nothing differs between {one.name} and {other.name}")

    asyncio.run(work())


@commands.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="Default: the one that was live before.")] = None,
    note: NoteOption = "",
    by: ByOption = None,
    settings: SettingsOption = None,
) -> None:
    """Make a version live again that was published before; calls under way keep theirs."""
    from ivr.publishing.publisher import Signature, roll_back

    loaded, signed = load(settings), Signature(by or _login(), note)

    async def work() -> None:
        async with _library(loaded) as library:
            done = await roll_back(library, loaded, version, signed)
        out.print(f"[bold green]{done.version}[/] is live for new calls again; {done.before} was")
        out.print(f"[dim]to take that back: ivr rollback {done.before}[/]")

    asyncio.run(work())


@commands.command()
def announce(
    text: Annotated[str | None, typer.Argument(help="In the hotline's first language; none: show it.")] = None,
    tr: Annotated[str | None, typer.Option(help="The text in Turkish.")] = None,
    en: Annotated[str | None, typer.Option(help="The text in English.")] = None,
    lasting: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 1d.")] = "2h",
    off: Annotated[bool, typer.Option("--off", help="Take it back.")] = False,
    by: ByOption = None,
    settings: SettingsOption = None,
) -> None:
    """Have every call that begins from now on hear an announcement, for some hours; or take it back, or show it."""
    from ivr.publishing.deeds import announce_texts, show_announcement, withdraw
    from ivr.publishing.publisher import Signature

    loaded, signed = load(settings), Signature(by or _login())
    texts = {language: one for language, one in (("tr", tr), ("en", en)) if one is not None}
    if off and (text or texts):
        raise SettingsError("--off takes the announcement back: give no text with it")

    async def work() -> None:
        async with _library(loaded) as library:
            if off:
                await withdraw(loaded, library, out)
            elif text is None and not texts:
                await show_announcement(loaded, library, out)
            else:
                await announce_texts(loaded, library, text, texts, lasting, signed.by, out)

    asyncio.run(work())


@asynccontextmanager
async def _library(settings: Settings) -> AsyncIterator[RedisLibrary]:
    from context_store.redis_library import RedisLibrary

    library = RedisLibrary(settings.redis.url.get_secret_value(), timeout=max(settings.redis.timeout, 5.0))
    try:
        yield library
    finally:
        await library.aclose()


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        raise SettingsError("there is no login name to put down: give --by NAME") from None
