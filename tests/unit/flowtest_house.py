"""Where flow tests are tried: a small hotline with a subflow, its words, and services that answer anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from context_store.records import Json
from ivr.errors import ServiceError, SpeechError
from ivr.flow.reading.loader import parse_flows
from ivr.flow.reading.texts import FlowTexts
from ivr.flow.reading.yaml_source import read_yaml
from ivr.flowtest.outcome import Outcome
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Scenario
from ivr.flowtest.stage import Stage

SMALL = """\
flow: small
languages: [tr, en]
start: welcome
defaults: {timeout: 5s, interdigit: 3s, attempts: 2, otherwise: person}
keys: {back: "**"}
hours: {desk: {days: {mon-fri: "09:00-17:00"}}}
on_hangup: tell
nodes:
  welcome: {say: [welcome, news], next: who}
  who:
    identify: [caller_number, fault_line]
    next: main
  main:
    menu: main
    choices:
      state: {key: 1, phrases: {tr: [arıza], en: [fault]}, next: look}
      pay: {key: 2, next: paying}
      person: {key: 0, next: is_open}
      english: {key: 9, language: en, next: main}
    noinput: again
  look:
    call: line.status
    with: {line: "{{ line.number }}"}
    into: status
    timeout: 2s
    next: told
    on_error: broken
  told: {say: told, bargein: false, next: main}
  paying: {flow: pay, with: {line: "{{ line.number }}"}, into: paid, next: bye}
  is_open:
    choose: [{when: open.desk, next: person}]
    otherwise: bye
  broken: {say: broken, next: person}
  person: {transfer: agents, say: to_agent, reason: asked}
  bye: {end: bye}
  tell:
    call: call.ended
    with: {line: "{{ line.number }}"}
    into: told_off
    next: gone
    on_error: gone
  gone: {end: [], outcome: left}
"""
PAY = """\
flow: pay
languages: [tr, en]
start: card
arguments: [line]
defaults: {otherwise: failed}
nodes:
  card: {collect: card, length: 4, sensitivity: secret, next: charge}
  charge:
    call: payment.pay
    with: {line: "{{ args.line }}", card: "{{ secrets.card }}"}
    into: payment
    next: done
    on_error: failed
  done: {return: {result: "{{ payment.result }}"}}
  failed: {return: {result: none}}
"""
FLOW = parse_flows(FlowTexts("small", {"small": SMALL, "pay": PAY}))


@dataclass(frozen=True)
class AnyService:
    """Takes every answer but one that says `nonsense`."""

    arguments: frozenset[str] = frozenset({"line", "number", "value", "card", "token"})
    changes: bool = False

    def check_answer(self, answer: Json) -> Mapping[str, Json]:
        assert isinstance(answer, dict)
        if "nonsense" in answer:
            raise ServiceError("any", "nonsense", "state.missing; outage.until.string_type")
        return answer


NAMES = ("directory.find", "directory.prove", "line.status", "call.ended")
CATALOGUE = {**{name: AnyService() for name in NAMES}, "payment.pay": AnyService(changes=True)}


class Book:
    """Says each prompt's name in the language; cannot say one whose variable is missing."""

    def text(self, name: str, language: str, variables: Mapping[str, Json]) -> str:
        if name == "told" and "state" not in variables["status"]:
            raise SpeechError(f"prompt 'told' in {language!r}: 'dict object' has no attribute 'state'")
        return f"{language} {name}"


STAGE = Stage(FLOW, Book(), CATALOGUE)

# A hotline that offers to go on with what was left.
RESUMING = """\
flow: resuming
languages: [tr, en]
start: who
defaults: {otherwise: person}
nodes:
  who: {identify: [caller_number], next: left_off, otherwise: main}
  left_off:
    resume: left_off
    within: 2h
    told: {payment.pay: was_paid}
    agent: same_agent
    phrases: {go_on: {tr: [devam], en: [go on]}, start_over: [baştan]}
    next: main
    done: bye
  main:
    menu: main
    choices:
      pay: {key: 1, next: paying}
      person: {key: 0, next: person}
  paying: {flow: buy, into: bought, next: bye}
  person: {transfer: agents, say: to_agent, reason: asked}
  bye: {end: bye}
"""
BUY = """\
flow: buy
languages: [tr, en]
start: size
unfinished: was_buying
defaults: {otherwise: nothing}
nodes:
  size: {menu: size, choices: {small: {key: 1, next: colour}, large: {key: 2, next: colour}}}
  colour: {menu: colour, choices: {red: {key: 1, next: charge}, blue: {key: 2, next: charge}}}
  charge:
    call: payment.pay
    with: {line: "{{ line.number }}", value: "{{ answers.size }} {{ answers.colour }}"}
    into: payment
    next: thanks
  thanks: {say: thanks, next: something}
  something: {return: {result: paid}}
  nothing: {return: {result: none}}
"""
RESUMING_STAGE = Stage(parse_flows(FlowTexts("resuming", {"resuming": RESUMING, "buy": BUY})), Book(), CATALOGUE)
CUSTOMER = {"id": "C1", "name": "Ayşe"}
LINE = {"number": "+902125554141", "ending": "41", "product": "x"}
MATCH = {"way": "caller_number", "customer": CUSTOMER, "line": LINE}
COMPANY = Company.model_validate(
    {
        "services": {
            "directory.find": [
                {"given": {"number": "+905321112233"}, "answer": {"matches": [MATCH]}},
                {"matches": []},
            ],
            "directory.prove": [
                {"given": {"value": "4711"}, "answer": {"proved": True, "customer": CUSTOMER, "lines": [LINE]}},
                {"proved": False},
            ],
            "line.status": {"state": "up"},
            "payment.pay": {"result": "paid"},
            "call.ended": {},
        }
    }
)


def play(text: str, stage: Stage = STAGE) -> Outcome:
    """Play the test that is written in `text`; it need not say its name, nor who calls."""
    data = {"test": "a call", "caller": "0532 111 22 33", **read_yaml(text, "a test").data}
    return play_scenario(stage, Scenario.model_validate(data), COMPANY)


def why(outcome: Outcome) -> str:
    """Why it failed; empty when it passed."""
    return "; ".join(outcome.failure.what) if outcome.failure else ""


def words(outcome: Outcome) -> list[str]:
    """The transcript, a line an entry."""
    return [f"{entry.who.value}: {entry.what} {entry.words}".strip() for entry in outcome.transcript]
