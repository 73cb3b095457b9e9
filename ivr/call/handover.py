"""Makes an agent's screen-pop from the conversation's story, and from where the caller's own call stands.

Pure: no I/O, no clock, no language. Notes may come from other controllers and older versions, so nothing here relies
on the shape of their data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from context_store.records import Interaction, Json, Level, Note, NoteKind, Progress, Sensitivity, Story
from ivr.call.passing import cut_off, passed
from ivr.call.said import said
from ivr.call.screen import Certainty, Failure, Finding, Given, ScreenPop, Settled, Trouble, Who
from ivr.call.whose import each_once, history_of, notes_of

# Questions that identification and the language menu ask: the pop tells their outcome in a place of its own.
_TOLD_ELSEWHERE = frozenset(
    {"fault_line", "customer_number", "last_order", "pin", "invoice", "birth_year", "sms_code", "language"}
)
_LINE_STATUS = "line.status"  # bills and orders have states, too


def screen_pop(story: Story, visits: Sequence[str], progresses: Mapping[str, Progress]) -> ScreenPop:
    """The pop for a caller in that conversation as it is now.

    `visits` are the caller's interactions, the present one first; `progresses` tells where they stand, as far as that
    is known. Others may be in the conversation: where nothing is known of the caller's own, nobody is claimed to call.
    """
    summary, notes = story.conversation, each_once(story.notes)
    progress = next((progresses[one] for one in visits if one in progresses), None)
    call = next((one for one in story.interactions if visits and one.id == visits[0]), None)
    own, of_this_call = notes_of(story, notes, visits), notes_of(story, notes, visits[:1])
    who = _who(progress, call, own)
    sure = _certainty(progress, own, of_this_call)
    theirs = history_of(story, notes, own, who.customer_id)
    given, done = _given(theirs, progress), _findings(theirs, NoteKind.DID)
    found = _findings(_of_this_customer(theirs), NoteKind.LOOKED_UP)
    return ScreenPop(
        conversation=summary.id,
        language=progress.language if progress else None,
        who=who,
        sure=sure,
        reason=(progress and progress.reason) or _last_text(own, NoteKind.TRANSFERRED, "reason"),
        queue=(progress and progress.queue) or _last_text(own, NoteKind.TRANSFERRED, "queue"),
        line_state=_line_state(progress, found),
        unanswered=_unanswered(of_this_call),
        settled=tuple(_settled(who, sure, given, done, _ways_out(theirs))),
        given=given,
        found=found,
        done=done,
        trouble=_trouble(notes, own, story),
        timeline=tuple(_unsecret(note) for note in notes if note.kind is not NoteKind.SAID),
        incomplete=summary.incomplete or call is None,
        lost=summary.lost,
        passed=passed(own),
        cut_off=cut_off(story, call, of_this_call) if call else None,
        interaction=call.id if call else "",
    )


def blank_pop(conversation: str, queue: str, waiting_since: float | None = None) -> ScreenPop:
    """The pop for a conversation whose story cannot be read at the moment."""
    return ScreenPop(
        conversation=conversation,
        language=None,
        who=Who(name=None, customer_id=None, line=None, product=None, calling=None),
        sure=Certainty(level=Level.UNKNOWN, way=None, failed_proofs=0),
        reason=None,
        queue=queue or None,
        line_state=None,
        unanswered=(),
        settled=(),
        given=(),
        found=(),
        done=(),
        trouble=Trouble(0, 0, (), 0, 1, waiting_since),
        timeline=(),
        incomplete=True,
    )


def reference(result: Json) -> str | None:
    """The number that a person would quote of what was done: a ticket's, an order's."""
    if not isinstance(result, Mapping):
        return None
    named = ("number", "reference", "ticket", "id")
    return next((text for name in named if (text := _text(result, name))), None)


def _who(progress: Progress | None, call: Interaction | None, notes: Iterable[Note]) -> Who:
    customer, line = _fact(progress, "customer"), _fact(progress, "line")
    claimed = progress.answers.get("fault_line") if progress else None
    return Who(
        name=_text(customer, "name"),
        customer_id=_text(customer, "id"),
        line=_text(line, "number") or (claimed.value if claimed else None),
        product=_text(line, "product"),
        calling=call.ani if call else None,
        remembered=_remembered(bool(_text(line, "remembered")), notes),
    )


def _certainty(progress: Progress | None, own: Sequence[Note], of_this_call: Sequence[Note]) -> Certainty:
    return Certainty(
        level=progress.level if progress else Level.UNKNOWN,
        way=_last_text(own, NoteKind.IDENTIFIED, "way"),
        failed_proofs=_count(of_this_call, NoteKind.UNPROVEN),
        proof=_last_text(own, NoteKind.IDENTIFIED, "proof"),
        limited=_count(of_this_call, NoteKind.LIMITED) > 0,
    )


def _remembered(before: bool, notes: Iterable[Note]) -> bool:
    """Whether the calling number is registered: as the directory said, or as it was changed in this call."""
    for note in notes:
        result = note.data.get("result")
        if note.kind is NoteKind.DID and isinstance(result, Mapping):
            before = (before or result.get("registered") is True) and result.get("forgotten") is not True
    return before


def _unanswered(notes: Iterable[Note]) -> tuple[str, ...]:
    """The services that failed and have not answered since, in the order in which they failed."""
    failed: dict[str, None] = {}
    for note in notes:
        service = _text(note.data, "service")
        if service and note.kind is NoteKind.FAILED:
            failed[service] = None
        elif service and note.kind in (NoteKind.LOOKED_UP, NoteKind.DID):
            failed.pop(service, None)
    return tuple(failed)


def _given(notes: Sequence[Note], progress: Progress | None) -> tuple[Given, ...]:
    """The last answer to each question, in the order the questions were first answered."""
    given: dict[str, Given] = {}
    for note in notes:
        if _chose(note) and note.node:
            given[note.node] = Given(note.node, _text(note.data, "choice"), note.at, said(note))
        elif note.kind is NoteKind.ANSWERED and (name := _text(note.data, "name")):
            secret = note.data.get("sensitivity") == Sensitivity.SECRET
            given[name] = Given(name, None if secret else _text(note.data, "value"), note.at)
    for name, answer in (progress.answers if progress else {}).items():  # the log may be cut, the answers are not
        if name not in given:
            given[name] = Given(name, None if answer.sensitivity is Sensitivity.SECRET else answer.value, None)
    return tuple(given.values())


def _line_state(progress: Progress | None, found: Sequence[Finding]) -> str | None:
    """What was looked up last says more than what the directory knew when the caller was identified."""
    seen = [one.result for one in found if one.service == _LINE_STATUS and isinstance(one.result, Mapping)]
    looked_up = [state for result in seen if (state := _text(result, "state"))]
    return looked_up[-1] if looked_up else _text(_fact(progress, "line"), "state")


def _ways_out(notes: Iterable[Note]) -> frozenset[tuple[str, float]]:
    """The choices, by menu and time, that led straight to an agent: wanting one is no answer."""
    ways: set[tuple[str, float]] = set()
    chosen: Note | None = None
    for note in notes:
        if _chose(note):
            chosen = note
        elif note.kind is NoteKind.TRANSFERRED and chosen:
            ways.add((chosen.node, chosen.at))
        if not _chose(note) and note.kind is not NoteKind.SAID:
            chosen = None
    return frozenset(ways)


def _chose(note: Note) -> bool:
    """Whether it tells of a choice at a menu. What was said elsewhere tells only what it was taken for later."""
    return note.kind is NoteKind.PRESSED or (note.kind is NoteKind.SPOKE and "choice" in note.data)


def _settled(
    who: Who,
    sure: Certainty,
    given: Iterable[Given],
    done: Iterable[Finding],
    ways_out: Collection[tuple[str, float | None]],
) -> Iterable[Settled]:
    if sure.level is Level.VERIFIED:
        yield Settled("identity", value=who.name)
    elif sure.level is Level.RECOGNISED and who.name:
        yield Settled("name", value=who.name)
    if who.line:
        yield Settled("line", value=who.line)
    for answer in given:
        wanted = answer.question not in _TOLD_ELSEWHERE and (answer.question, answer.at) not in ways_out
        if answer.value and wanted:
            yield Settled("answer", answer.question, answer.value)
    for finding in done:
        yield Settled("done", finding.service, reference(finding.result))


def _findings(notes: Iterable[Note], kind: NoteKind) -> tuple[Finding, ...]:
    return tuple(
        Finding(_text(note.data, "service") or "", _text(note.data, "into") or "", note.data.get("result"), note.at)
        for note in notes
        if note.kind is kind
    )


def _trouble(notes: Sequence[Note], own: Sequence[Note], story: Story) -> Trouble:
    failures = (note for note in notes if note.kind is NoteKind.FAILED)
    transfers = [note.at for note in own if note.kind in (NoteKind.TRANSFERRED, NoteKind.PASSED)]
    return Trouble(
        noinput=_count(notes, NoteKind.NOINPUT),
        nomatch=_count(notes, NoteKind.NOMATCH),
        failures=tuple(
            Failure(_text(note.data, "service") or "", _text(note.data, "reason") or "", note.at) for note in failures
        ),
        unanswered_rings=_count(notes, NoteKind.RETRACTED),
        interactions=max(story.contacts, len(story.interactions)),
        waiting_since=transfers[-1] if transfers else None,
    )


def _unsecret(note: Note) -> Note:
    """The note as it should be: the value of a secret is not there. A log from elsewhere may be careless."""
    if note.kind is not NoteKind.ANSWERED or note.data.get("sensitivity") != Sensitivity.SECRET:
        return note
    return replace(note, data={**note.data, "value": None})


def _of_this_customer(notes: Sequence[Note]) -> Sequence[Note]:
    """Without what came before the caller proved to be another customer than was thought."""
    turned_out = [
        index for index, note in enumerate(notes) if note.kind is NoteKind.IDENTIFIED and note.data.get("another")
    ]
    return notes[turned_out[-1] :] if turned_out else notes


def _count(notes: Iterable[Note], kind: NoteKind) -> int:
    return sum(note.kind is kind for note in notes)


def _last_text(notes: Iterable[Note], kind: NoteKind, name: str) -> str | None:
    found = [text for note in notes if note.kind is kind and (text := _text(note.data, name))]
    return found[-1] if found else None


def _fact(progress: Progress | None, name: str) -> Mapping[str, Json]:
    fact = progress.facts.get(name) if progress else None
    return fact if isinstance(fact, Mapping) else {}


def _text(data: Mapping[str, Json], name: str) -> str | None:
    """A value as text; None when there is none, or when it is not one word or number."""
    value = data.get(name)
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value) or None
    return None
