"""The conversation's log as lines of text: one note, one line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from context_store.records import Note, NoteKind, Sensitivity
from ivr.call.passing import NOT_PASSED, goal_of
from ivr.call.said import said
from ivr.desk.coming import goal_text
from ivr.desk.texts import clean
from ivr.desk.wording import Wording

MOST_MOMENTS = 60


@dataclass(frozen=True, slots=True)
class Moment:
    """One line. `at` is ISO 8601 in UTC; `tone` is "", "good", "bad" or "start" of an interaction."""

    at: str
    kind: str
    text: str
    tone: str


_TONES = {
    NoteKind.STARTED: "start",
    NoteKind.DID: "good",
    NoteKind.IDENTIFIED: "good",
    NoteKind.CONNECTED: "good",
    NoteKind.NOINPUT: "bad",
    NoteKind.NOMATCH: "bad",
    NoteKind.UNPROVEN: "bad",
    NoteKind.LIMITED: "bad",
    NoteKind.FAILED: "bad",
    NoteKind.RETRACTED: "bad",
    NoteKind.INTERRUPTED: "bad",
    NoteKind.TAKEN_OVER: "bad",
}


def iso(at: float) -> str:
    """A time for the page's script, which shows it in the agent's own time zone."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def moments(notes: Sequence[Note], say: Wording, agents: Mapping[str, str]) -> tuple[tuple[Moment, ...], int]:
    """The newest lines, oldest first, and how many earlier ones are left out."""
    shown = notes[-MOST_MOMENTS:]
    return tuple(_moment(note, say, agents) for note in shown), len(notes) - len(shown)


def _moment(note: Note, say: Wording, agents: Mapping[str, str]) -> Moment:
    return Moment(iso(note.at), note.kind.value, _text(note, say, agents), _TONES.get(note.kind, ""))


def _text(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    told = _TEXTS.get(note.kind)
    return told(note, say, agents) if told else say.label(note.kind)


_Text = Callable[[Note, Wording, Mapping[str, str]], str]


def _told(note: Note, name: str) -> str:
    value = note.data.get(name)
    return str(value) if isinstance(value, str | int | float) else ""


def _plain(key: str) -> _Text:
    return lambda note, say, agents: say(key)


def _attempt(key: str) -> _Text:
    return lambda note, say, agents: say(key, count=_told(note, "attempt") or "?")


def _service(key: str) -> _Text:
    return lambda note, say, agents: say(key, service=say.label(_told(note, "service")))


def _phone_of(key: str) -> _Text:
    return lambda note, say, agents: say(key, agent=_agent(note, agents))


def _one_of(key: str, field: str) -> _Text:
    """In words of its own for each value of the field; those of the key itself for any other."""

    def told(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
        own = f"{key}.{_told(note, field)}"
        return say(own if say.has(own) else key, agent=_agent(note, agents))

    return told


def _agent(note: Note, agents: Mapping[str, str]) -> str:
    return agents.get(_told(note, "agent")) or _told(note, "agent")


def _passed(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    goal = goal_of(note)
    told = goal_text(goal, say, agents) if goal else say.label(_told(note, "to"))
    return say("note.passed_on", agent=_agent(note, agents), goal=told)


def _remarked(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    return f"{say('note.remarked', agent=_agent(note, agents))} “{clean(_told(note, 'words'), 300)}”"


def _wrapped_up(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    solved = note.data.get("solved") is True
    return say("note.wrapped_up.solved" if solved else "note.wrapped_up.open", agent=_agent(note, agents))


def _pressed(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    return say("note.pressed", question=say.label(note.node), answer=say.answer(note.node, _told(note, "choice")))


def _spoke(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    question, choice = say.label(note.node), _told(note, "choice")
    if not choice:
        return say("note.spoke", question=question, said=_said(note, say))
    return say("note.spoke.choice", question=question, answer=say.answer(note.node, choice), said=_said(note, say))


def _doubted(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    return say("note.doubted", question=say.label(note.node), said=_said(note, say, mark="?"))


def _said(note: Note, say: Wording, mark: str = "") -> str:
    heard = said(note)
    return say.said(heard.words + mark, heard.confidence) if heard else say.value(None)


def _wanted(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    what = f"note.wanted.{_told(note, 'what')}"
    return say(what) if say.has(what) else say.label(note.kind)


def _answered(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    name, secret = _told(note, "name"), note.data.get("sensitivity") == Sensitivity.SECRET
    return say(
        "note.pressed", question=say.label(name), answer=say.answer(name, None if secret else _told(note, "value"))
    )


def _failed(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    if note.data.get("reason") == NOT_PASSED:
        return say("note.not_passed")
    service, reason = _told(note, "service"), say.failure(_told(note, "reason"))
    return say("note.failed", service=say.label(service or "flow_failed"), reason=reason)


def _identified(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    level = f"level.{_told(note, 'level')}"
    return say(
        "note.identified",
        level=say(level) if say.has(level) else _told(note, "level"),
        way=say.way(_told(note, "way"), _told(note, "proof")),
    )


def _limited(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    return say("note.limited", way=say.way(_told(note, "way"), _told(note, "proof")))


def _transferred(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    return say("note.transferred", queue=say.label(_told(note, "queue")), reason=say.label(_told(note, "reason")))


def _ended(note: Note, say: Wording, agents: Mapping[str, str]) -> str:
    return say("note.ended", outcome=say.value(_told(note, "outcome")))


_TEXTS: Mapping[NoteKind, _Text] = {
    NoteKind.STARTED: _plain("note.started"),
    NoteKind.PRESSED: _pressed,
    NoteKind.SPOKE: _spoke,
    NoteKind.DOUBTED: _doubted,
    NoteKind.WANTED: _wanted,
    NoteKind.ANSWERED: _answered,
    NoteKind.NOINPUT: _attempt("note.noinput"),
    NoteKind.NOMATCH: _attempt("note.nomatch"),
    NoteKind.LOOKED_UP: _service("note.looked_up"),
    NoteKind.DID: _service("note.did"),
    NoteKind.FAILED: _failed,
    NoteKind.IDENTIFIED: _identified,
    NoteKind.UNPROVEN: _attempt("note.unproven"),
    NoteKind.LIMITED: _limited,
    NoteKind.TRANSFERRED: _transferred,
    NoteKind.RANG: _phone_of("note.rang"),
    NoteKind.RETRACTED: _phone_of("note.retracted"),
    NoteKind.CONNECTED: _phone_of("note.connected"),
    NoteKind.PARTED: _one_of("note.parted", "by"),
    NoteKind.PASSED: _passed,
    NoteKind.REMARKED: _remarked,
    NoteKind.WRAPPED_UP: _wrapped_up,
    NoteKind.JOINED: _one_of("note.joined", "by"),
    NoteKind.RESUMED: _one_of("note.resumed", "how"),
    NoteKind.TAKEN_OVER: _plain("note.taken_over"),
    NoteKind.INTERRUPTED: _plain("note.interrupted"),
    NoteKind.HUNG_UP: _plain("note.hung_up"),
    NoteKind.ENDED: _ended,
}
