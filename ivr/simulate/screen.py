"""Shows a simulated call as it goes on: what is said, what happened, what the call waits for. Writes to the console.

Everything that comes from outside is shown as plain text: no markup, nothing that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from context_store.records import Note, NoteKind
from ivr.errors import SpeechError
from ivr.flow.commands import Play, Transfer
from ivr.flow.hours import local_time
from ivr.flow.model import Flow
from ivr.flowtest.scenario import STARS
from ivr.flowtest.stage import Stage, Texts
from ivr.flowtest.transcript import pairs
from ivr.simulate.happenings import Asked, Happening, Heard, Noted, Over, Replied, Said, Waited
from ivr.simulate.line import Standing
from ivr.simulate.question import Keyed, Question, question
from ivr.simulate.typed import clean

_DOT = " · "
WIDTH = 8  # of the column that says who
LONGEST = 300  # characters of a service's answer; /services shows all
CALLER = Text("Caller  ", "bold yellow")
DEVAM = Text("Devam", "bold cyan")
COMPANY = Text("Company", "magenta")

_WANTED = {"repeat": "to hear it again", "back": "to go back", "agent": "a person"}
_RESUMED = {
    "went_on": "goes on with what was left unfinished",
    "started_over": "starts over",
    "done": "what was left unfinished is settled",
    "agent": "wants the same agent",
}
_NOTES: dict[NoteKind, Callable[[Note], str]] = {
    NoteKind.PRESSED: lambda note: f"{note.node}: {note.data['choice']}",
    NoteKind.DOUBTED: lambda note: f"perhaps {note.data['words']!r} was said: it is asked back",
    NoteKind.ANSWERED: lambda note: f"{note.data['name']}: {_given(note)}",
    NoteKind.NOINPUT: lambda note: "nothing came in time",
    NoteKind.NOMATCH: lambda note: "that is no answer here",
    NoteKind.WANTED: lambda note: f"wants {_WANTED[note.data['what']]}",
    NoteKind.IDENTIFIED: lambda note: f"{note.data['level']}, by {note.data['way']}",
    NoteKind.RESUMED: lambda note: _RESUMED[note.data["how"]],
    NoteKind.UNPROVEN: lambda note: "line and PIN do not belong together",
}


def _given(note: Note) -> str:
    return "given" if note.data["value"] is None else str(note.data["value"])


class Screen:
    """The console of a simulated call."""

    def __init__(self, console: Console, stage: Stage, texts: Texts) -> None:
        self._console = console
        self._flow: Flow = stage.flow
        self._texts = texts

    def show(self, happened: Iterable[Happening]) -> None:
        """What has happened since."""
        before: Happening | None = None
        for one in happened:
            match one:
                case Heard():
                    self._heard(one)
                case Asked():
                    self._line(COMPANY, Text(f"{one.service} {_arguments(one)}", "dim"))
                case Replied(answer=None):
                    self._line(
                        COMPANY, Text(f"fails: {one.reason}" + (f" ({one.detail})" if one.detail else ""), "red")
                    )
                case Replied(answer=answer):
                    self._line(COMPANY, Text(f"→ {short(pairs(answer or {}))}", "dim"))
                case Said(heard=heard) if heard:
                    self.aside(f"· heard as: {heard}")
                case Noted() if not _told(one, before):
                    self._noted(one)
                case Waited(seconds=seconds):
                    self.aside(f"{seconds:g} seconds have passed")
                case Over(by=by):
                    self._over(by)
                case _:
                    pass  # what the caller did was typed, so it is on the screen
            before = one

    def standing(self, standing: Standing) -> None:
        """Where the call stands, and what it waits for."""
        progress = standing.progress
        asked = question(self._flow, progress, standing.at)
        where = progress.node if progress.flow == self._flow.flow else f"{progress.flow} › {progress.node}"
        attempt = f"attempt {asked.missed + 1} of {asked.attempts}" if asked else ""
        time = f"{local_time(standing.at, self._flow.zone):%H:%M:%S}"
        parts = [where, asked.kind if asked else "", progress.level.value, attempt, progress.language, time]
        self._units([Text(part, "dim") for part in parts if part])
        if asked:
            self._units(_waits(standing, asked))

    def aside(self, text: str, style: str = "dim") -> None:
        """A remark that is not part of the call."""
        self._line(Text(), Text(clean(text), style))

    def wrong(self, text: str) -> None:
        """Something that cannot be done, and why."""
        self.aside(text, "red")

    def put(self, what: Table | Text) -> None:
        """A table or a text."""
        self._console.print(what)

    def _heard(self, heard: Heard) -> None:
        words = [(name, self._words(heard.play, name)) for name in heard.play.prompts]
        if heard.cut:  # the caller interrupts the first of them
            self._line(DEVAM, Text.assemble((f"{words[0][1]} —", "dim"), ("  interrupted", "dim italic")))
            return
        for name, text in words:
            source = heard.node if name == heard.node else f"{heard.node}/{name}"
            self._line(DEVAM, Text.assemble(text or "(nothing to say)", "  ", (source, "dim")))

    def _words(self, play: Play, name: str) -> str:
        try:
            return clean(self._texts.text(name, play.language, play.variables))
        except SpeechError as error:
            return f"(silence: {clean(str(error))})"

    def _noted(self, noted: Noted) -> None:
        note = noted.note
        if noted.meant:
            self.aside(f"· {note.node}: {noted.meant}, in words")
        elif note.kind in _NOTES:
            self.aside(f"· {_NOTES[note.kind](note)}")
        elif note.kind is NoteKind.FAILED and "service" not in note.data:
            self.wrong(f"· the flow cannot go on: {note.data.get('reason', '')}")

    def _over(self, by: object) -> None:
        if isinstance(by, Transfer):
            self.aside(f"→ the caller is passed to the queue {by.queue}, because of {by.reason}", "bold green")
        else:
            self.aside("→ the hotline hangs up", "bold green")

    def _units(self, units: Sequence[Text]) -> None:
        """Parts of one line, with a dot between them; none is broken where another line has room for it."""
        room, line, lines = self._room, Text(), []
        for unit in units:
            if line and line.cell_len + len(_DOT) + unit.cell_len > room:
                lines.append(line)
                line = Text()
            line = Text.assemble(line, (_DOT, "dim"), unit) if line else unit.copy()
        for one in [*lines, line]:
            self._line(Text(), one)

    def _line(self, who: Text, what: Text) -> None:
        """Who, and beside it what; what takes more than a line stays beside."""
        begin = who.copy()
        begin.pad_right(WIDTH - who.cell_len)
        for line in what.wrap(self._console, self._room, overflow="fold"):
            line.rstrip()
            self._console.print(Text.assemble(begin, line), no_wrap=True, overflow="ignore", crop=False)
            begin = Text(" " * WIDTH)

    @property
    def _room(self) -> int:
        return max(20, self._console.width - WIDTH)


def _waits(standing: Standing, asked: Question) -> list[Text]:
    """`waits 5s for 1 fault · 2 bill · 0 agent`"""
    seconds = standing.timer[0] - standing.at if standing.timer else 0.0
    units = _keys(asked.keys)
    if asked.wants:
        units = [Text.assemble(asked.wants, (", not shown" if asked.secret else "", "dim")), *units]
    units[0] = Text.assemble((f"waits {seconds:g}s for ", "dim"), units[0])
    if typed := len(standing.progress.held.keys):
        ends = f", {asked.ends} ends it" if asked.ends else ""
        units.append(Text(f"{typed} key{'s' if typed > 1 else ''} so far{ends}", "dim"))
    if asked.phrases:
        units.append(Text(f"or words: {', '.join(asked.phrases)}", "dim"))
    if of_all := _keys(asked.of_all):
        units += [Text.assemble(("always ", "dim"), of_all[0]), *of_all[1:]]
    return units


def _told(one: Noted, before: Happening | None) -> bool:
    """Whether it is the answer that was told already, as what the words before it meant."""
    if one.note.kind is not NoteKind.ANSWERED or not isinstance(before, Noted):
        return False
    return (before.note.node, before.meant) == (one.note.data["name"], one.note.data["value"])


def short(text: str) -> str:
    """At most as much as fits on a few lines."""
    text = clean(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _arguments(asked: Asked) -> str:
    shown = {**asked.arguments, **dict.fromkeys(asked.secret, STARS)}
    return short(pairs(shown))


def _keys(keys: Iterable[Keyed]) -> list[Text]:
    return [Text.assemble((key, "bold"), f" {what}") for key, what in keys]
