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

# Every kind and nearly every key of the language.
WIDE = """\
flow: wide
languages: [tr, en]
start: hello
timezone: Europe/Istanbul
defaults:
  {otherwise: to_agent, on_error: to_agent, verify: check_pin, interdigit: 2s, bargein: off, confidence: 0.7}
keys:
  repeat: "*"
  back: [8, "*8"]
  agent: {key: [0, "*0"], next: to_agent}
  phrases: {repeat: {tr: [tekrar], en: [again]}, back: [geri], agent: {tr: [temsilci]}}
hours:
  shop: {days: {mon-fri: 08:00-20:00, sat: 09:00-24:00}, closed: [2026-10-29, 01-01]}
on_hangup: note_it
unfinished: main
nodes:
  hello: {say: main, meanwhile: true, next: circumstances}
  circumstances:
    look_up:
      opened: {call: line.status, with: {line: "{{ line.number }}"}}
      state: {call: line.status, with: {line: "{{ wording.welcome }} {{ level }}"}}
    timeout: 1500ms
    next: is_it
  is_it:
    choose:
      - {when: "opened.state == 'down' and level in ['claimed', 'verified']", next: tell_it}
    otherwise: is_open
  tell_it: {say: opened, next: is_open}
  is_open:
    choose:
      - {when: "open.shop and now.time < '19:30' and now.weekday < 7", next: main}
      - {when: announcement.tr and announcement, next: goodbye}
    otherwise: call_back
  main:
    menu: main
    spoken: main_spoken
    ask_back: [welcome, ask_back]
    confidence: 0
    timeout: 4s
    choices:
      fault: {key: 1, phrases: [arıza, internetim yok], needs: verified, next: number}
      bill: {key: "2", phrases: {tr: [fatura], en: [bill, invoice]}, next: code}
      english: {key: 9, language: en, next: main}
  number:
    collect: number
    length: 4-6
    range: 1000..
    confirm: number
    attempts: 2
    next: look
  look:
    call: line.status
    needs: recognised
    with: {line: "{{ answers.number or line.number }}"}
    into: status
    retries: 1
    timeout: 1500ms
    next: goodbye
  code:
    collect: number
    length: 4
    sensitivity: secret
    termchar: ""
    next: amount
  amount: {collect: number, type: amount, range: 10..5000, next: clock}
  clock: {collect: number, type: time, range: 08:00..20:00, listen: false, next: sure}
  sure: {collect: number, type: yes_no, next: third}
  third:
    collect: number
    type: choice
    choices: {one: {key: 1, phrases: [bir]}, two: {key: 2}}
    next: ticket
  ticket:
    call: ticket.open
    with: {contact: "{{ secrets.code }}", symptom: "{{ answers.third ~ answers.amount }}"}
    into: ticket
    next: again
  again: {collect: number, type: date, range: today..today+30d, next: goodbye}
  call_back:
    callback: agents
    reason: no_answer
    ask: main
    ask_number: number
    next: told
  told: {choose: [{when: callback.when, next: goodbye}], otherwise: to_agent}
  check_pin:
    verify: [sms_code, pin, invoice, birth_year]
    claims: [customer_number, last_order, fault_line]
    customer_number_length: 8-10
    surname_letters: 4
    order_digits: 5
    invoice_digits: 6
    code_length: 5
    pin_length: 6
    tries: 2
    exceeded: many
    next: goodbye
  many:
    identify: [token, returned, caller_number, alternate_number, fault_line]
    proofs: [pin, sms_code]
    next: left_off
  left_off:
    resume: main
    within: 30m
    told: {callback.request: told}
    agent: main
    say: to_agent
    phrases: {go_on: [devam], start_over: {tr: [baştan], en: [start over]}}
    attempts: 2
    next: whose
    done: goodbye
  whose: {choose: [{when: "endings | length and line.remembered", next: goodbye}], otherwise: to_agent}
  note_it:
    call: line.status
    with: {line: "{{ line.number }}"}
    into: last_status
    next: gone
    on_error: gone
  gone: {end: []}
  to_agent: {transfer: agents, say: to_agent, reason: no_answer}
  goodbye: {end: goodbye, outcome: done}
"""

# A hotline of two flows.
GOOD_FILES = {
    "hotline": """\
flow: hotline
languages: [tr, en]
start: main
defaults: {otherwise: to_agent}
nodes:
  main:
    menu: main
    choices:
      fault: {key: 1, next: pay}
      bill: {key: 2, next: to_agent}
  pay:
    flow: payment
    with: {line: "{{ line.number }}"}
    into: payment
    next: was_paid
  was_paid:
    choose: [{when: "payment.paid == 'done'", next: goodbye}]
    otherwise: to_agent
  to_agent: {transfer: agents, say: to_agent, reason: no_answer}
  goodbye: {end: goodbye}
""",
    "payment": """\
flow: payment
languages: [tr, en]
start: amount
arguments: [line]
defaults: {otherwise: given_up}
nodes:
  amount:
    collect: number
    type: amount
    next: look
  look:
    call: line.status
    with: {line: "{{ args.line }}"}
    into: status
    next: paid
  paid:
    return: {paid: done, amount: "{{ answers.amount }}"}
  given_up:
    return: {paid: "no"}
""",
}

_PLAIN = (
    "welcome", "main", "main_more", "number", "to_agent", "goodbye",
    "noinput", "nomatch", "ask_line", "ask_pin", "line_or_pin_wrong",
    "ask_customer_number", "ask_surname", "ask_order", "ask_invoice", "ask_birth_year", "ask_sms_code",
    "ask_sms_code_again",
)  # fmt: skip
_PROMPTS = {**{name: frozenset[str]() for name in _PLAIN}, "opened": frozenset({"opened", "answers.number"})}
_PROMPTS |= {"choose_line": frozenset({"endings"}), "told": frozenset({"callback.number"})}
_PROMPTS |= {"ask_back": frozenset({"heard", "heard_as"}), "main_spoken": frozenset()}
_LABELS = frozenset(
    (
        "main", "main.fault", "main.english", "number", "line.status", "ticket.open", "agents", "no_answer",
        "customer_number", "last_order", "invoice", "birth_year", "sms_code", "directory.redeem", "code.send",
        "flow_failed", "cut_off", "fault_line", "pin", "directory.find", "directory.prove", "callback.request",
        "again", "again.fault", "amount", "clock", "code", "phone_number", "sure", "third", "third.one", "third.two",
        "call_back", "main.bill", "main.pay", "number.fault",
    )
)  # fmt: skip
_RESUMED = frozenset(
    f"{name}{choice}"
    for name in ("left_off", "left_again")
    for choice in ("", ".go_on", ".start_over", ".done", ".agent")
)

BOOK = PromptNames(
    prompts={"tr": {**_PROMPTS, "only_turkish": frozenset()}, "en": _PROMPTS},
    labels={"tr": _LABELS | _RESUMED | {"only_turkish"}, "en": _LABELS | _RESUMED},
)
SERVICES = {
    "line.status": ServiceShape(
        frozenset({"line"}), frozenset({"state", "product", "outage", "outage.area", "outage.until"})
    ),
    "callback.request": ServiceShape(
        frozenset({"number", "queue", "reason"}), frozenset({"number", "when"}), changes=True
    ),
    "ticket.open": ServiceShape(frozenset({"contact", "symptom"}), frozenset({"number", "appointment"}), changes=True),
}
QUEUES = ("agents", "faults")


def unheard(language: str, phrase: str) -> dict[str, tuple[str, ...]] | None:
    """A Turkish model that lacks words with a w, and no model of another language."""
    if language != "tr":
        return None
    return {word: (word.replace("w", "v"),) for word in phrase.split() if "w" in word}
