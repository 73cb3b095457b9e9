"""Hotlines and calls for tests of going on: a business with a subflow of its own, and callers who leave it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from context_store import codec
from context_store.records import Unfinished
from ivr.flow.model import Flow
from tests.unit.flows_in_python import flow
from tests.unit.identity_house import AYSE, LINE, MOBILE, line, match
from tests.unit.player import Player

Nodes = dict[str, dict[str, Any]]

RESUME: dict[str, Any] = {
    "resume": "offer",
    "told": {"ticket.open": "was_opened"},
    "agent": "same_agent",
    "say": "connecting",
    "phrases": {"go_on": ["go on"], "done": ["done"]},
    "next": "main",
    "done": "thanks",
}
MAIN: Nodes = {
    "who": {"identify": ["caller_number", "fault_line"], "proofs": ["pin"], "next": "left_off", "otherwise": "agent"},
    "left_off": RESUME,
    "main": {
        "menu": "menu",
        "choices": {
            "fault": {"key": 1, "next": "fault"},
            "bill": {"key": 2, "next": "bill", "needs": "verified"},
        },
    },
    "fault": {"flow": "fault", "with": {"line": "{{ line.number }}"}, "into": "matter", "next": "more"},
    "bill": {"flow": "bill", "into": "matter", "next": "more"},
    "more": {"choose": [{"when": "matter.then == 'agent'", "next": "agent"}], "otherwise": "anything"},
    "anything": {"menu": "anything", "choices": {"yes": {"key": 1, "next": "main"}, "no": {"key": 2, "next": "bye"}}},
    "thanks": {"say": "thanks", "next": "anything"},
    "prove": {"verify": ["pin"], "next": "left_off", "otherwise": "agent"},
}
FAULT: Nodes = {
    "lights": {"menu": "lights", "choices": {"on": {"key": 1, "next": "since"}, "off": {"key": 2, "next": "since"}}},
    "since": {"collect": "since", "length": 1, "next": "open"},
    "open": {
        "call": "ticket.open",
        "with": {"line": "{{ args.line }}", "since": "{{ answers.since }}"},
        "into": "ticket",
        "next": "opened",
    },
    "opened": {"say": "opened", "next": "visit"},
    "visit": {"flow": "visit", "with": {"ticket": "{{ ticket.number }}"}, "into": "visit_made", "next": "fault_over"},
    "fault_over": {"return": {"then": "more"}},
}
VISIT: Nodes = {
    "day": {"menu": "day", "choices": {"monday": {"key": 1, "next": "visit_over"}}},
    "visit_over": {"return": {"day": "{{ answers.day }}"}},
}
BILL: Nodes = {
    "amount": {"say": "amount", "next": "pay"},
    "pay": {"menu": "pay", "choices": {"pay": {"key": 1, "next": "bill_over"}}},
    "bill_over": {"return": {"then": "more"}},
}


def hotline(
    main: Nodes = MAIN,
    fault: Nodes = FAULT,
    visit: Nodes = VISIT,
    bill: Nodes = BILL,
    *,
    fault_head: Mapping[str, Any] = MappingProxyType({}),
    verify: str | None = "prove",
    **resume: Any,
) -> Flow:
    """The hotline; `resume` are other words for its resume node."""
    head: dict[str, Any] = {"return_only": True}
    return flow(
        {**main, "left_off": {**main["left_off"], **resume}},
        flow(fault, flow="fault", arguments=["line"], unfinished="fault_left", **head, **fault_head),
        flow(visit, flow="visit", arguments=["ticket"], **head),
        flow(bill, flow="bill", unfinished="bill_left", **head),
        defaults={"verify": verify},
    )


HOTLINE = hotline()


def without(nodes: Nodes, *names: str, **changed: dict[str, Any]) -> Nodes:
    """The same nodes without those, and with others changed or added."""
    return {**{name: node for name, node in nodes.items() if name not in names}, **changed}


def known(
    called: Flow = HOTLINE, ani: str | None = MOBILE, customer: Any = AYSE, of: Any = LINE, **more: Any
) -> Player:
    """A caller whose number is a customer's, at the resume node."""
    return Player(called, ani, **more).answer(matches=[match("caller_number", customer, of)])


def at_main(called: Flow = HOTLINE, **more: Any) -> Player:
    """The same, who has nothing unfinished, at the main menu."""
    return known(called, **more).recall()


def proved(call: Player, customer: Any = AYSE, of: Any = LINE) -> Player:
    """Somebody keys in the PIN that was asked for."""
    call.press("4711").answer(proved=True, customer=customer, lines=[of])
    return call


def left(call: Player, at: float = 100.0, **more: Any) -> Unfinished:
    """What is found of this call by the next one."""
    saved = codec.progresses.decode(codec.progresses.encode(call.progress))
    number = call.progress.facts["caller"]["number"]
    return Unfinished(
        **{"interaction": "i1", "at": at, "number": number, "level": saved.level, "progress": saved} | more
    )


def with_ticket(called: Flow = HOTLINE) -> Player:
    """A call that has opened a ticket, and asks for the day of the visit."""
    call = at_main(called).press("1").press("1").press("3").answer(changed=True, number="481516").hear()
    assert call.node == "day"
    return call


OTHER_LINE = line("07")
