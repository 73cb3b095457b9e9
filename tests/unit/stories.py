"""Stories for the tests of handover, pops and the desk: a Turkish caller whose line is down."""

from __future__ import annotations

from dataclasses import replace

from context_store.records import (
    Answer,
    Conversation,
    Interaction,
    Level,
    Note,
    NoteKind,
    Progress,
    Saved,
    Sensitivity,
    Story,
)

AYSE_LINE = "+902125554141"
MOBILE = "+905321234567"
CONVERSATION = "c0ffee0123456789"
CALL = "beef"  # the interaction of the stories in that conversation
STATUS = {"state": "down", "outage": None, "product": "Fiber 100 + ev telefonu"}


def note(at: float, kind: NoteKind, node: str = "", **data: object) -> Note:
    return Note(kind, at, node, data)


VERIFIED_NOTES = (
    note(0, NoteKind.STARTED, ani=MOBILE, dnis="4440000", channel="call"),
    note(1, NoteKind.SAID, "welcome", prompts=["welcome"]),
    note(10, NoteKind.ANSWERED, "who", name="fault_line", value=AYSE_LINE, sensitivity="personal"),
    note(15, NoteKind.ANSWERED, "who", name="pin", value=None, sensitivity="secret"),
    note(15.1, NoteKind.UNPROVEN, "who", way="fault_line", attempt=1),
    note(20, NoteKind.ANSWERED, "who", name="pin", value=None, sensitivity="secret"),
    note(20.1, NoteKind.IDENTIFIED, "who", way="fault_line", proof="pin", level="verified"),
    note(20.2, NoteKind.LOOKED_UP, "line_status", service="line.status", into="status", result=STATUS),
    note(30, NoteKind.NOINPUT, "symptom", attempt=1),
    note(35, NoteKind.PRESSED, "symptom", key="1", choice="no_internet"),
    note(40, NoteKind.PRESSED, "contact", key="1", choice="this_number"),
    note(
        40.5,
        NoteKind.DID,
        "open_ticket",
        service="ticket.open",
        into="ticket",
        result={"number": "481516", "appointment": "2026-03-27"},
    ),
    note(55, NoteKind.PRESSED, "after_ticket", key="0", choice="agent"),
    note(58, NoteKind.TRANSFERRED, "agent_fault", queue="faults", reason="fault"),
)


def verified() -> Story:
    """She proved who she is, reported no internet, has ticket 481516 and asked for a person."""
    answers = {
        "fault_line": Answer("fault_line", AYSE_LINE, Sensitivity.PERSONAL, "who"),
        "pin": Answer("pin", "", Sensitivity.SECRET, "who"),
        "symptom": Answer("symptom", "no_internet", Sensitivity.PLAIN, "symptom"),
    }
    facts = {
        "customer": {"id": "C1001", "name": "Ayşe Yılmaz"},
        "line": {"number": AYSE_LINE, "ending": "41", "product": "Fiber 100 + ev telefonu"},
    }
    progress = Progress("hotline", "v1", "tr", phase="transferred", level=Level.VERIFIED, answers=answers, facts=facts)
    conversation = Conversation(
        CONVERSATION, 0, 58, "tr", Level.VERIFIED, "C1001", "Ayşe Yılmaz", AYSE_LINE, "faults", "fault"
    )
    interaction = Interaction(CALL, CONVERSATION, "call", "one", MOBILE, "4440000", 0)
    return Story(conversation, (interaction,), progress, VERIFIED_NOTES)


def remembered() -> Story:
    """The mobile that she calls from was registered for her line in an earlier call."""
    story = verified()
    assert story.progress is not None
    facts = {**story.progress.facts, "line": {**story.progress.facts["line"], "remembered": "2026-11-02"}}
    return replace(story, progress=replace(story.progress, facts=facts))


def unproven() -> Story:
    """Somebody named Ayşe's line and had three wrong PINs."""
    notes = [note(0, NoteKind.STARTED, ani=None, dnis="4440000", channel="call")]
    notes.append(note(9, NoteKind.ANSWERED, "who", name="fault_line", value=AYSE_LINE, sensitivity="personal"))
    notes += [note(10 + i, NoteKind.UNPROVEN, "who", way="fault_line", attempt=i + 1) for i in range(3)]
    notes.append(note(20, NoteKind.TRANSFERRED, "agent_unproven", queue="agents", reason="not_identified"))
    answers = {"fault_line": Answer("fault_line", AYSE_LINE, Sensitivity.PERSONAL, "who")}
    progress = Progress("hotline", "v1", "tr", phase="transferred", level=Level.CLAIMED, answers=answers)
    conversation = Conversation(
        CONVERSATION, 0, 20, "tr", Level.CLAIMED, None, None, AYSE_LINE, "agents", "not_identified"
    )
    interaction = Interaction(CALL, CONVERSATION, "call", "one", None, "4440000", 0)
    return Story(conversation, (interaction,), progress, tuple(notes))


def call_in(conversation: str) -> str:
    """The interaction of the story in that conversation."""
    return CALL if conversation == CONVERSATION else f"in-{conversation}"


def named(name: str, conversation: str = CONVERSATION) -> Story:
    """The verified story of somebody else, of whatever name."""
    story = elsewhere(verified(), conversation)
    assert story.progress is not None
    facts = {**story.progress.facts, "customer": {"id": "C1001", "name": name}}
    summary = replace(story.conversation, customer_name=name)
    return replace(story, conversation=summary, progress=replace(story.progress, facts=facts))


def elsewhere(story: Story, conversation: str) -> Story:
    """The story as that of another conversation."""
    call = replace(story.interactions[0], id=call_in(conversation), conversation=conversation)
    return replace(story, conversation=replace(story.conversation, id=conversation), interactions=(call,))


def saved(story: Story, revision: int = 1) -> Saved:
    """The story as one step for a store."""
    assert story.progress is not None
    return Saved(story.conversation, story.interactions[-1], story.progress, story.notes, revision)
