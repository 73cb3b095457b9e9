"""The kinds of node that do not wait for keys: say, call, look_up, choose, transfer, end."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json, NoteKind, Sensitivity
from ivr.flow.commands import Lookup
from ivr.flow.expressions import fill, holds, names_in_condition, names_in_template
from ivr.flow.handler import AnyNode, Handler
from ivr.flow.model import Call, Choose, Collect, End, LookUp, Say, Transfer
from ivr.flow.turn import Turn

LEVEL = "level"  # what conditions call it
WORTH_A_RETRY = frozenset({"timeout", "unavailable"})


class Speaking(Handler[AnyNode]):
    """A node that says something first. A key ends the prompts where the caller may barge in, and is kept.

    The last words before a transfer or a goodbye are always heard.
    """

    def begin(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        """Say the prompts, if there are any, and go on when they were heard."""
        turn.change(phase="saying")
        self.say(turn, node, prompts)

    def key(self, turn: Turn, node: AnyNode, key: str) -> None:
        """Keep the key; stop talking if the caller may barge in."""
        turn.keep_ahead(key)
        if self.bargein(turn, node):
            turn.stop_playing()
            self.played(turn, node)


class Saying(Speaking[Say]):
    """say"""

    def bargein(self, turn: Turn, node: Say) -> bool:
        """The node's own word, or the flow's."""
        return turn.flow.defaults.bargein if node.bargein is None else node.bargein

    def enter(self, turn: Turn, node: Say) -> None:
        """Start talking."""
        self.begin(turn, node, node.say)

    def speak(self, turn: Turn, node: Say, prompts: tuple[str, ...]) -> None:
        """Talk; where the flow says so, go on at once."""
        if node.meanwhile:
            turn.play(prompts, aside="bargein" if self.bargein(turn, node) else "whole")
            self.played(turn, node)
        else:
            turn.play(prompts)

    def played(self, turn: Turn, node: Say) -> None:
        """Go on."""
        turn.go(node.next)


class Calling(Handler[Call]):
    """call"""

    def enter(self, turn: Turn, node: Call) -> None:
        """Ask the service. Secrets that it needs may be gone (another controller took over)."""
        missing = [name for name in _secrets_of(node) if name not in turn.progress.held.secrets]
        if missing:
            self._ask_for(turn, node, missing[0])
            return
        context = {**turn.context(), "secrets": turn.progress.held.secrets}
        arguments = {name: fill(template, context) for name, template in node.arguments.items()}
        turn.ask_service(node.call, arguments, node.timeout)

    def answered(self, turn: Turn, node: Call, result: Mapping[str, Json], *, changed: bool) -> None:
        """Keep the answer and go on."""
        self._forget(turn, node)
        if changed:
            turn.did(node.call, node.into, result)
        else:
            turn.know(node.into, dict(result))
            turn.note(NoteKind.LOOKED_UP, service=node.call, into=node.into, result=dict(result))
        turn.go(node.next)

    def failed(self, turn: Turn, node: Call, reason: str) -> None:
        """Ask again where that may help; else go where the flow says that one goes without this answer."""
        turn.note(NoteKind.FAILED, service=node.call, reason=reason)
        if reason in WORTH_A_RETRY and turn.progress.tries < node.retries:
            turn.change(tries=turn.progress.tries + 1)
            self.enter(turn, node)
            return
        self._forget(turn, node)
        turn.service_failed(node.on_error)

    def _ask_for(self, turn: Turn, node: Call, secret: str) -> None:
        """Have a secret asked for again that was given, and come back: that is the same visit. Else it has failed.

        With the same visit, so the same idempotency key, what another controller has perhaps had done is done once.
        """
        progress, question = turn.progress, turn.flow.nodes.get(secret)
        given = secret in progress.answers and not progress.gone
        if given and isinstance(question, Collect) and question.sensitivity is Sensitivity.SECRET:
            turn.change(visits={**progress.visits, progress.node: progress.visits[progress.node] - 1})
            turn.go_on(secret, step=progress.node)
        else:
            turn.note(NoteKind.FAILED, service=node.call, reason="rejected")
            turn.service_failed(node.on_error)

    def _forget(self, turn: Turn, node: Call) -> None:
        """A secret is used once."""
        if used := _secrets_of(node):
            left = {name: value for name, value in turn.progress.held.secrets.items() if name not in used}
            turn.hold(secrets=left)


def _secrets_of(node: Call) -> tuple[str, ...]:
    """The secret answers that a call uses, in the order of its arguments."""
    if not any("secrets" in template for template in node.arguments.values()):
        return ()
    names = (name for template in node.arguments.values() for name in sorted(names_in_template(template)))
    return tuple(dict.fromkeys(name.partition(".")[2] for name in names if name.startswith("secrets.")))


class LookingUp(Handler[LookUp]):
    """look_up"""

    def enter(self, turn: Turn, node: LookUp) -> None:
        """Ask all at once."""
        context = turn.context()
        lookups = {
            name: Lookup(one.call, {key: fill(template, context) for key, template in one.arguments.items()})
            for name, one in node.look_up.items()
        }
        turn.look_up(lookups, node.timeout)

    def looked_up(
        self, turn: Turn, node: LookUp, answers: Mapping[str, Mapping[str, Json]], failures: Mapping[str, str]
    ) -> None:
        """Keep what has come. Of the rest nothing is known, also where something was known before."""
        for name, one in node.look_up.items():
            if (answer := answers.get(name)) is not None:
                turn.know(name, dict(answer))
                turn.note(NoteKind.LOOKED_UP, service=one.call, into=name, result=dict(answer))
            else:
                turn.forget(name)
                turn.note(NoteKind.FAILED, service=one.call, reason=failures.get(name, "timeout"))
        turn.go(node.next)


class Choosing(Handler[Choose]):
    """choose"""

    def enter(self, turn: Turn, node: Choose) -> None:
        """Take the first branch that holds."""
        context = turn.context()
        for position, branch in enumerate(node.choose):
            if LEVEL in names_in_condition(branch.when):
                turn.demand(turn.progress.level)  # who has less might have been led elsewhere
            if holds(branch.when, context):
                turn.go(branch.next, f"choose.{position}")
                return
        turn.go(node.otherwise, "otherwise")


class Transferring(Speaking[Transfer]):
    """transfer"""

    def enter(self, turn: Turn, node: Transfer) -> None:
        """Tell the caller, then hand over."""
        self.begin(turn, node, node.say or ())

    def played(self, turn: Turn, node: Transfer) -> None:
        """Hand over."""
        turn.transfer(node.transfer, node.reason)


class Ending(Speaking[End]):
    """end"""

    def enter(self, turn: Turn, node: End) -> None:
        """Say goodbye, if there is somebody to hear it and something to say."""
        self.begin(turn, node, () if turn.progress.gone else node.end)

    def played(self, turn: Turn, node: End) -> None:
        """Hang up."""
        turn.hang_up(node.outcome)
