"""What the commands of a simulated call show: answers, progress, services, help, and the summary at the end. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from context_store.records import Progress, Sensitivity
from ivr.flowtest.scenario import STARS
from ivr.flowtest.transcript import pairs
from ivr.simulate.happenings import Asked, Happening, Replied
from ivr.simulate.line import Standing
from ivr.simulate.typed import clean

COMMANDS = {
    "/help": "this; ? for short",
    "/hangup": "the caller goes",
    "/answers": "what the caller has given",
    "/progress": "where the call stands: flow, visits, facts",
    "/services": "what was asked and answered",
    "/answer [SERVICE] JSON": "what the next service (or that one, next time) answers",
    "/fail [SERVICE] [REASON]": "the next service fails: unavailable, timeout, rejected, nonsense, limited",
    "/save FILE [WORDS]": "save what was played as a test for `ivr test`; WORDS say what it shows",
    "/undo": "take the last thing that the caller did back",
    "/restart": "call again",
    "/quit": "leave",
}
_KEYS = {"1, 0212 555 41 41, *0": "keys, and Enter"}
_NO_ANSWER = {
    "Enter alone": "silence, until the time for an answer is over",
    "+30s, +2m, +1h": "time passes while the caller listens",
}
_WORD = {"tr": "arıza"}  # that somebody might say; in other languages an English one


def help_table(language: str, *, speech: bool) -> Table:
    """Everything that can be typed in a call in that language. `speech`: words are heard."""
    table = _plain()
    for typed, what in {**_KEYS, **_words(language, speech=speech), **_NO_ANSWER, **COMMANDS}.items():
        table.add_row(Text(typed, "bold"), Text(what))
    return table


def _words(language: str, *, speech: bool) -> dict[str, str]:
    word = _WORD.get(language, "fault")
    if not speech:
        return {word: "words, where the question takes words"}
    return {
        word: "words, where somebody listens; all that may not be said there is heard as [unk]",
        f"{word}?": "the same, but in doubt: it is asked back",
        "[unk], [unk] " + word: "something that is not understood, alone or beside words that are",
    }


def answers_table(progress: Progress) -> Table:
    """What the caller has given. A secret only shows that it was."""
    table = _table("answer", "value")
    for answer in progress.answers.values():
        secret = answer.sensitivity is Sensitivity.SECRET
        table.add_row(answer.name, Text("given", "dim") if secret else clean(answer.value))
    if not progress.answers:
        table.add_row(Text("none yet", "dim"), "")
    return table


def progress_table(standing: Standing) -> Table:
    """Where the call stands."""
    progress = standing.progress
    table = _plain()
    rows = {
        "flow": " › ".join([*(f"{frame.flow} at {frame.node}" for frame in progress.stack), progress.flow]),
        "node": progress.node,
        "phase": " ".join(filter(None, [progress.phase, progress.step])),
        "level": progress.level.value + (f", bound for {progress.bound_for}" if progress.bound_for else ""),
        "missed": f"{progress.attempts} at this question",
        "back to": " ← ".join(reversed(progress.trail[:-1])),
        "visits": ", ".join(f"{node} {count}" for node, count in progress.visits.items()),
        "outcome": progress.outcome,
    }
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, "dim"), clean(value))
    for name, fact in progress.facts.items():
        table.add_row(Text(name, "dim"), clean(pairs(fact) if isinstance(fact, dict) else str(fact)))
    return table


def services_table(happened: Iterable[Happening]) -> Table:
    """What was asked and answered, in full."""
    table = _table("service", "asked", "answered")
    found = False
    for asked, replied in _questions(happened):
        found = True
        shown = pairs({**asked.arguments, **dict.fromkeys(asked.secret, STARS)})
        table.add_row(asked.service, clean(shown), clean(_answer(replied)))
    if not found:
        table.add_row(Text("none yet", "dim"), "", "")
    return table


def summary(standing: Standing, began: float) -> list[Table | Text]:
    """The call in a few lines."""
    progress = standing.progress
    if progress.queue:
        end = f"{progress.outcome} to {progress.queue}, because of {progress.reason}"
    else:
        end = progress.outcome or f"under way, at {progress.node}"
    title = Text.assemble(("The call: ", "bold"), (end, "bold green"), f" · level {progress.level.value}")
    if standing.at > began:
        title.append(f" · {standing.at - began:g}s")
    asked = Counter(one.service for one in standing.happened if isinstance(one, Asked))
    lines: list[Table | Text] = [Text(), title]
    if progress.answers:
        lines.append(answers_table(progress))
    if asked:
        told = ", ".join(name if count == 1 else f"{name} ({count} times)" for name, count in asked.items())
        lines.append(Text.assemble(("services asked: ", "dim"), told))
    return lines


def _questions(happened: Iterable[Happening]) -> Iterator[tuple[Asked, Replied | None]]:
    """Each question with its reply, if there was one yet."""
    waiting: Asked | None = None
    for one in happened:
        if isinstance(one, Asked):
            waiting = one
        elif isinstance(one, Replied) and waiting:
            yield waiting, one
            waiting = None
    if waiting:
        yield waiting, None


def _answer(replied: Replied | None) -> str:
    if replied is None:
        return "not yet"
    return f"fails: {replied.reason}" if replied.answer is None else pairs(replied.answer)


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _plain() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    return table
