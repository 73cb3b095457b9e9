"""The house that the tests of flows stand in: a small prompt book, two services and a flow with nothing wrong."""

from __future__ import annotations

from ivr.flow.reading.check import PromptNames, ServiceShape

GOOD = """\
flow: small
languages: [tr, en]
start: welcome
defaults:
  timeout: 5s
  otherwise: to_agent
nodes:
  welcome:
    say: welcome
    next: who
  who:
    identify: [caller_number, fault_line]
    next: main
  main:
    menu: [main, main_more]
    choices:
      fault: {key: 1, next: look}
      english: {key: 9, next: main, language: en}
    otherwise: to_agent
  look:
    call: line.status
    with: {line: "{{ line.number }}"}
    into: status
    next: tell
    on_error: number
  tell:
    choose:
      - {when: "status.state == 'down'", next: number}
    otherwise: goodbye
  number:
    collect: number
    type: phone
    sensitivity: personal
    next: ticket
  ticket:
    call: ticket.open
    with: {contact: "{{ answers.number }}", symptom: "{{ answers.main or 'none' }}"}
    into: opened
    next: opened
  opened:
    say: opened
    bargein: no
    next: goodbye
  to_agent:
    transfer: agents
    say: to_agent
    reason: no_answer
  goodbye:
    end: goodbye
"""

_PLAIN = (
    "welcome", "main", "main_more", "number", "to_agent", "goodbye",
    "noinput", "nomatch", "ask_line", "ask_pin", "line_or_pin_wrong",
)  # fmt: skip
_PROMPTS = {**{name: frozenset[str]() for name in _PLAIN}, "opened": frozenset({"opened", "answers.number"})}
_LABELS = frozenset(
    (
        "main", "main.fault", "main.english", "number", "line.status", "ticket.open", "agents", "no_answer",
        "flow_failed", "fault_line", "pin", "directory.find", "directory.prove", "callback.request",
        "again", "again.fault", "amount", "clock", "code", "phone_number", "sure", "third", "third.one", "third.two",
        "main.bill", "main.pay", "number.fault",
    )
)  # fmt: skip

BOOK = PromptNames(
    prompts={"tr": {**_PROMPTS, "only_turkish": frozenset()}, "en": _PROMPTS},
    labels={"tr": _LABELS | {"only_turkish"}, "en": _LABELS},
)
SERVICES = {
    "line.status": ServiceShape(
        frozenset({"line"}), frozenset({"state", "product", "outage", "outage.area", "outage.until"})
    ),
    "callback.request": ServiceShape(frozenset({"number", "queue", "reason"}), frozenset({"number", "when"})),
    "ticket.open": ServiceShape(frozenset({"contact", "symptom"}), frozenset({"number", "appointment"})),
}
QUEUES = ("agents", "faults")
