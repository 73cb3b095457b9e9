"""Puts a simulation together from the options of the command: the hotline, who calls, who answers, the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from ivr.errors import SettingsError
from ivr.flow.hours import local_time
from ivr.flow.model import Flow
from ivr.flow.numbers import to_e164
from ivr.flow.reading.hints import did_you_mean
from ivr.flowtest.scenario import TOKEN, Scene
from ivr.flowtest.stage import Stage
from ivr.hotline.reading import read_hotline
from ivr.services.backoffice.sample import AYSE, MEHMET
from ivr.services.catalogue import SERVICES
from ivr.services.opening import company_services
from ivr.settings import Settings
from ivr.simulate.call import PlayedCall
from ivr.simulate.company import Company, sample_office, systems
from ivr.simulate.conversation import Conversation
from ivr.simulate.mock import Mock
from ivr.simulate.orders import Commands
from ivr.simulate.screen import Screen
from ivr.simulate.script import check_file
from ivr.simulate.terminal import terminal_of

SAMPLE, MOCK = "sample", "mock"

_URL = re.compile(r"https?://[^\s]+")
_HELP = "Type keys or words and Enter; Enter alone is silence; +30s lets time pass; /hangup. ? tells the rest."
_SPEECH = "Words are heard, as on the telephone: what ends with ? is in doubt, and [unk] is something else."
_TO_TRY = (
    f"A line to try: 0{AYSE.line.number[3:]}, PIN {AYSE.pin}. Somebody who is known by number: "
    f"--caller 0{MEHMET.main[3:]}"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was given; empty texts stand for nothing. `caller` as people write it, empty: withheld."""

    flow: Path
    prompts: Path | None
    caller: str = ""
    language: str = ""
    services: str = SAMPLE
    at: str = ""
    announce: str = ""
    token: str = ""
    save: Path | None = None
    speech: bool = False


def play(options: Options, settings: Callable[[], Settings], console: Console, region: str = "TR") -> None:
    """Play a call in the terminal until somebody leaves. `settings` are looked at for the token of own services.

    Raises `SettingsError` for options that cannot be, `FlowError` for a hotline with mistakes.
    """
    flow, book = read_hotline(options.flow, options.prompts, region)
    stage = Stage(flow, book, SERVICES, region)
    scene = scene_of(options, flow, region, datetime.now(flow.zone))
    if options.save:
        check_file(options.save)
    screen = Screen(console, stage, book)
    call = PlayedCall(stage, scene, screen)
    conversation = Conversation(call, screen, terminal_of(console))
    commands = conversation.orders = Commands(call, private=options.services not in (SAMPLE, MOCK))
    with ExitStack() as stack:
        call.company = _company(options.services, call, conversation, settings, stack)
        _tell(console, options, scene, flow)
        conversation.run()
        if options.save:
            commands.save(options.save)


def scene_of(options: Options, flow: Flow, region: str, now: datetime) -> Scene:
    """Who calls, when, and in which language. Raises `SettingsError`."""
    if options.caller and to_e164(options.caller, region) is None:
        raise SettingsError(f"--caller {options.caller!r} is no telephone number; leave it empty for a withheld one")
    if options.language and options.language not in flow.languages:
        raise SettingsError(f"--language {options.language!r}: the flow speaks {', '.join(flow.languages)}")
    if options.token and not re.fullmatch(TOKEN, options.token):
        raise SettingsError("--token is none that a call can bring: 16 to 128 letters, digits, - and _")
    given = {
        "caller": options.caller,
        "language": options.language or None,
        "announcement": dict.fromkeys(flow.languages, options.announce) if options.announce else {},
        **({"token": options.token} if options.token else {}),
        **({"speech": True} if options.speech else {}),
    }
    try:
        return Scene.model_validate({**given, "at": options.at or f"{now:%Y-%m-%d %H:%M}"})
    except ValidationError:
        raise SettingsError(f"--at {options.at!r} is not a time; write it like '2026-11-23 21:00'") from None


def _company(
    services: str, call: PlayedCall, conversation: Conversation, settings: Callable[[], Settings], stack: ExitStack
) -> Company:
    if services == SAMPLE:
        return stack.enter_context(sample_office(call.now))
    if services == MOCK:
        return Mock(call.screen, conversation.read, call.now)
    if not _URL.fullmatch(services):
        hint = did_you_mean(services, [SAMPLE, MOCK])
        raise SettingsError(f"--services {services!r}: write {SAMPLE}, {MOCK} or a URL. {hint}".rstrip())
    loaded = settings()
    there = loaded.services.model_copy(update={"url": services})
    return stack.enter_context(systems(company_services(there, loaded.paths.services)))


def _tell(console: Console, options: Options, scene: Scene, flow: Flow) -> None:
    """The header."""
    moment = local_time(scene.starts_at(flow.zone), flow.zone)
    language = scene.language or flow.languages[0]
    who = f"caller {scene.caller}" if scene.caller else "caller with a withheld number"
    names = {SAMPLE: "services: the sample back office", MOCK: "services: yours"}
    services = names.get(options.services, f"services: {options.services}")
    console.print(
        Text.assemble((flow.flow, "bold"), (f" · version {flow.version} · {moment:%a %d %b %Y %H:%M}", "dim"))
    )
    console.print(Text(f"{who} · {language} · {services}", "dim"))
    if options.services == SAMPLE:
        console.print(Text(_TO_TRY, "dim"))
    console.print(Text(_HELP, "dim"))
    if scene.speech:
        console.print(Text(_SPEECH, "dim"))
    console.print()
