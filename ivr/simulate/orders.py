"""The commands of a simulated call, as they are typed: /help, /answers, /save …"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from context_store.records import Json
from ivr.errors import ServiceError, SettingsError
from ivr.flow.reading.hints import did_you_mean, one_of
from ivr.services import catalogue
from ivr.simulate.call import PlayedCall
from ivr.simulate.company import answered
from ivr.simulate.conversation import Elsewhere, Left
from ivr.simulate.happenings import Replied
from ivr.simulate.mock import REASONS
from ivr.simulate.script import save, scenario_of
from ivr.simulate.tables import COMMANDS, answers_table, help_table, progress_table, services_table
from ivr.simulate.typed import Order, Unusable

MOST_WORDS = 120  # of what a saved test shows


class Commands:
    """Obeys commands."""

    def __init__(self, call: PlayedCall, *, private: bool) -> None:
        """`private`: the answers are those of real customers, so whoever saves them is told."""
        self._call = call
        self._private = private
        self.offers = tuple(text.split()[0] for text in COMMANDS)
        self._known: dict[str, Callable[[str], None]] = {
            "help": lambda _: self._put(help_table(call.standing.progress.language, speech=call.scene.speech)),
            "hangup": self._hang_up,
            "answers": lambda _: self._put(answers_table(call.standing.progress)),
            "progress": lambda _: self._put(progress_table(call.standing)),
            "services": lambda _: self._put(services_table(call.standing.happened)),
            "answer": self._answer,
            "fail": self._fail,
            "save": self._save,
            "undo": self._undo,
            "restart": self._restart,
            "quit": self._quit,
        }
        self._put = call.screen.put

    def obey(self, order: Order) -> None:
        """Do it. Raises `Elsewhere`, `Left`, or `Unusable` with what is wrong."""
        do = self._known.get(order.name)
        if do is None:
            hint = did_you_mean(f"/{order.name[:40]}", self.offers)
            raise Unusable(
                " ".join(filter(None, [f"there is no command /{order.name[:40]};", hint, "/help tells all"]))
            )
        do(order.rest)

    def save(self, file: Path, words: str = "") -> None:
        """Save what was played. Raises `SettingsError`."""
        call = self._call
        stage, screen = call.stage, call.screen
        if call.standing.ask:
            raise Unusable("a service is being asked; answer for it first, then save")
        scenario = scenario_of(call.scene, call.standing, stage.catalogue, words[:MOST_WORDS], call.before)
        otherwise = save(file, scenario, stage)
        if otherwise:
            screen.wrong(f"{file}: written, but played as a test it goes otherwise: {otherwise}")
            if call.standing.keypad.guessed:
                screen.wrong("keys of a secret were pressed before it was asked for; press them at their question")
        else:
            screen.aside(f"{file}: written; it passes as a test", "green")
        if self._private:
            screen.wrong("it holds what the company answered about a customer: keep it as carefully")

    def _hang_up(self, _: str) -> None:
        if self._call.standing.ask:
            raise Unusable("a service is being asked; answer for it first")
        self._call.hang_up()

    def _answer(self, rest: str) -> None:
        service, text = ("", rest) if rest.startswith("{") else _split(rest)
        if service:
            _known_service(service)
        if not text:
            raise Unusable('write what it answers, as in /answer line.status {"state": "up", …}')
        answer = _parsed(text)
        try:
            reply = answered(service, text) if service else Replied("", answer)
        except ServiceError as error:
            raise Unusable(str(error)) from None
        self._call.arranged.arrange(service, reply)
        self._call.screen.aside(f"{service or 'the next service'} will answer that")

    def _fail(self, rest: str) -> None:
        words = rest.split()
        reason = words.pop() if words and words[-1] in REASONS else "unavailable"
        service = words.pop(0) if words else ""
        if words or (service and "." not in service):
            raise Unusable(f"write /fail, or with a service or a reason: {', '.join(REASONS)}")
        if service:
            _known_service(service)
        self._call.arranged.arrange(service, Replied(service, None, reason))
        self._call.screen.aside(f"{service or 'the next service'} will fail: {reason}")

    def _save(self, rest: str) -> None:
        name, words = _split(rest)
        if not name:
            raise Unusable("write the file, as in /save tests/scenarios/outage.yaml A caller hears of the outage")
        try:
            self.save(Path(name).expanduser(), words)
        except (SettingsError, ValueError, RuntimeError) as error:  # a name that no file can have, no home
            raise Unusable(str(error)) from None

    def _undo(self, _: str) -> None:
        self._call.undo()
        raise Elsewhere

    def _restart(self, _: str) -> None:
        self._call.restart()
        self._call.screen.aside("the caller calls again", "bold")
        raise Elsewhere

    def _quit(self, _: str) -> None:
        raise Left


def _split(rest: str) -> tuple[str, str]:
    first, _, others = rest.partition(" ")
    return first, others.strip()


def _known_service(name: str) -> None:
    if name not in catalogue.SERVICES:
        raise Unusable(f"there is no service {name[:64]}; " + one_of(name[:64], catalogue.SERVICES, "the services"))


def _parsed(text: str) -> dict[str, Json]:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"that is no JSON: {error}") from None
    if not isinstance(answer, dict):
        raise Unusable('an answer is an object, as in {"state": "up"}')
    return answer
