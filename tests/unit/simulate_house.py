"""Where simulated calls are tried: typed lines, a company that answers as it is told, a console to read."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from context_store.records import Json
from ivr.flow.commands import AskService
from ivr.flow.events import ServiceAnswered
from ivr.flowtest.replies import Company as Replies
from ivr.flowtest.replying import Replying
from ivr.flowtest.scenario import Scenario, Scene
from ivr.flowtest.stage import Stage
from ivr.simulate.call import PlayedCall
from ivr.simulate.conversation import Conversation
from ivr.simulate.happenings import Asked, Replied
from ivr.simulate.mock import Mock
from ivr.simulate.orders import Commands
from ivr.simulate.screen import Screen
from ivr.simulate.script import scenario_of
from tests.unit.flowtest_house import COMPANY, STAGE

SCENE = Scene(caller="0532 111 22 33", at="2026-11-23 12:00")


class Lines:
    """Types these lines, then nothing more. `prompts` are those that were shown, `secrets` whether not to be echoed."""

    alive = False

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.prompts: list[str] = []
        self.secrets: list[bool] = []
        self.begun: list[str] = []

    def read(self, prompt: Text, *, secret: bool = False, offers: Sequence[str] = (), begun: str = "") -> str:
        self.prompts.append(prompt.plain.strip())
        self.secrets.append(secret)
        self.begun.append(begun)
        for line in self._lines:
            return line
        raise EOFError


class FromReplies:
    """Answers as the replies of flow tests say. `asked`: every question, with its idempotency key."""

    def __init__(self, replies: Replies = COMPANY, stage: Stage = STAGE) -> None:
        self._replying = Replying(replies.services, stage.catalogue)
        self.asked: list[tuple[str, Mapping[str, str], str]] = []

    def reply(self, ask: AskService, asked: Asked, key: str) -> Replied:
        self.asked.append((ask.service, dict(ask.arguments), key))
        event = self._replying.to(ask, 0.0).event
        if isinstance(event, ServiceAnswered):
            return Replied(ask.service, event.result, changed=event.changed)
        return Replied(ask.service, None, event.reason)


class Simulated:
    """One simulation of the small hotline, from its first line to its end."""

    def __init__(
        self,
        *lines: str,
        scene: Scene = SCENE,
        stage: Stage = STAGE,
        company: FromReplies | None = None,
        mock: bool = False,
        private: bool = False,
    ) -> None:
        self._console = console = quiet()
        screen = Screen(console, stage, stage.texts or Silent())
        self.call = PlayedCall(stage, scene, screen)
        self.terminal = Lines(lines)
        conversation = Conversation(self.call, screen, self.terminal)
        self.commands = conversation.orders = Commands(self.call, private=private)
        self.company = company or FromReplies(stage=stage)
        self.call.company = Mock(screen, conversation.read, self.call.now) if mock else self.company
        conversation.run()

    @property
    def shown(self) -> str:
        assert isinstance(self._console.file, io.StringIO)
        return self._console.file.getvalue()

    @property
    def told(self) -> str:
        """The same in one line."""
        return " ".join(self.shown.split())

    @property
    def scenario(self) -> Scenario:
        call = self.call
        return scenario_of(call.scene, call.standing, call.stage.catalogue, before=call.before)

    @property
    def steps(self) -> list[Json]:
        """What the saved test has the caller do and hear, as data."""
        return [step if isinstance(step, str) else step.model_dump(mode="json") for step in self.scenario.call]


class Silent:
    """Says nothing."""

    def text(self, name: str, language: str, variables: Mapping[str, Json]) -> str:
        return ""


def quiet() -> Console:
    """A console that nobody reads."""
    return Console(file=io.StringIO(), width=120, highlight=False, color_system=None)
