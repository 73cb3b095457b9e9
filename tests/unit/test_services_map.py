"""The map of services: what it may say, and every mistake in it told at once, with its line and how to mend it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import SettingsError
from ivr.resources import packaged
from ivr.sandbox.rehearsal import rehearsal
from ivr.services import catalogue
from ivr.services.company_map import CompanyMap, read_map
from ivr.services.tmforum.adapter import SERVICES as TMFORUM
from ivr.services.tmforum.apis import STANDARD_PATHS, Api

SYSTEMS = ("billing", "oss")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "services.yaml"


def read(file: Path, text: str) -> CompanyMap:
    file.write_text(text, encoding="utf-8")
    return read_map(file, SYSTEMS)


def mistakes(file: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(file, text)
    return str(caught.value)


def test_what_comes_with_devam_asks_by_tmforum_wherever_that_can_answer() -> None:
    found = read_map(packaged("dialplans/services.yaml"), ())
    assert {name for name, way in found.ways.items() if way == "tmforum"} == TMFORUM
    assert {name for name, way in found.ways.items() if way == "plain"} == catalogue.SERVICES.keys() - TMFORUM
    assert found.apis == {api: ("company", path) for api, path in STANDARD_PATHS.items()}


def test_a_rehearsal_asks_everything_plainly() -> None:
    found = read_map(Path(rehearsal.__file__).with_name("services.yaml"), ())
    assert set(found.ways.values()) == {"plain"}


def test_what_is_not_named_is_plain_and_where_the_standard_says(file: Path) -> None:
    found = read(file, "services:\n  line.status: tmforum\n")
    assert found.ways["line.status"] == "tmforum"
    assert {way for name, way in found.ways.items() if name != "line.status"} == {"plain"}
    assert found.ways.keys() == catalogue.SERVICES.keys()


def test_apis_can_be_elsewhere(file: Path) -> None:
    found = read(file, "tmforum:\n  service: {system: oss, path: /inventory/v4}\n  bill: {system: billing}\n")
    assert found.apis[Api.SERVICE] == ("oss", "/inventory/v4")
    assert found.apis[Api.BILL] == ("billing", STANDARD_PATHS[Api.BILL])
    assert found.apis[Api.TICKET] == ("company", STANDARD_PATHS[Api.TICKET])


MAPPED = """
services:
  bill.current:
    system: billing
    method: GET
    path: /bills/{{ line | replace("+90", "0") }}
    query: {latest: true, fields: "number,{{ line }}"}
    headers: {X-Channel: ivr}
    answer: "{number: no, state: pick(state, {OPEN: 'open'}), amount: amount(total), due: day(due),
      previous: amount(before), reasons: `[]`}"
  ticket.open:
    system: oss
    method: POST
    path: /tickets
    key_header: X-Request-Id
    body:
      line: "{{ line }}"
      fault: {symptom: "{{ symptom }}", sms: "{{ contact != '' }}"}
      tags: [ivr, "{{ symptom | upper }}", 1, null]
    answer: "{number: id, appointment: null}"
  ticket.find:
    path: /tickets
    method: GET
    query: {line: "{{ line }}"}
    missing: {ticket: null}
"""


def test_a_service_can_be_mapped(file: Path) -> None:
    found = read(file, MAPPED)
    bill, ticket, find = (found.ways[name] for name in ("bill.current", "ticket.open", "ticket.find"))
    assert isinstance(bill, tuple)
    assert isinstance(ticket, tuple)
    assert isinstance(find, tuple)
    assert (bill[0], ticket[0], find[0]) == ("billing", "oss", "company")
    assert ticket[1].key_header == "X-Request-Id"
    assert find[1].missing == {"ticket": None}


def entry(service: str, **changes: str) -> str:
    keys = {"method": "POST", "path": "/x", **changes}
    return f"services:\n  {service}:\n" + "".join(f"    {key}: {value}\n" for key, value in keys.items() if value)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "the file is empty"),
        ("- a list\n", 1, "keys and values"),
        ("services: [\n", 2, ""),
        ("services: 1\n", 1, "'services' must hold keys and values"),
        ("tmforum: []\n", 1, "'tmforum' must hold keys and values"),
        ("sevices: {}\n", 1, "there is no key 'sevices'"),
        ("services: &a {}\n", 1, "anchor"),
        ("services: {}\nservices: {}\n", 2, "here twice"),
        ("tmforum:\n  ticekt: {system: oss}\n", 2, "did you mean 'ticket'?"),
        ("tmforum:\n  ticket: {system: os}\n", 2, "did you mean 'oss'?"),
        ("tmforum:\n  ticket: {system: nowhere}\n", 2, "[services.systems.nowhere] in the settings"),
        ("tmforum:\n  ticket: {path: tickets}\n", 2, "'tickets'"),
        ("tmforum:\n  ticket: {path: '/a?b'}\n", 2, "'/a?b'"),
        ("tmforum:\n  customer: {path: inv}\n", 2, "such as /inventory/v4"),
        ("tmforum:\n  customer: {path: /a/../b}\n", 2, "the step '..'"),
        ("tmforum:\n  ticket: oss\n", 2, "'oss'"),
        ("services:\n  line.statsu: plain\n", 2, "did you mean 'line.status'?"),
        ("services:\n  line.status: tmf\n", 2, "cannot be asked as 'tmf'"),
        ("services:\n  line.status:\n", 2, "cannot be asked as None"),
        ("services:\n  payment.pay: tmforum\n", 2, "payment.pay is in no API of TM Forum"),
        (entry("line.status", path=""), 2, "'path' is missing"),
        (entry("line.status", pth="/x"), 5, "did you mean 'path'?"),
        (entry("line.status", system="biling"), 5, "did you mean 'billing'?"),
        (entry("line.status", method="FETCH"), 3, "'method' cannot be 'FETCH'"),
        (entry("line.status", path="status"), 4, "a path begins with one slash"),
        (entry("line.status", path="//evil.example/x"), 4, "a path begins with one slash"),
        (entry("line.status", path="/x?line={{ line }}"), 4, "written under `query:`"),
        (entry("line.status", path='"/{{ number }}"'), 4, "line.status has no argument 'number'"),
        (entry("line.status", path='"/{{ line"'), 4, "the path cannot be used"),
        (entry("line.status", path='"/{{ line | sha1 }}"'), 4, "the path cannot be used"),
        (entry("line.status", path="\"/{{ line.replace('a', 'b') }}\""), 4, "a call is not allowed"),
        (entry("line.status", path='"/{{ 9 ** 9 ** 9 }}"'), 4, "** is not allowed"),
        (entry("line.status", path="\"/{{ 'x' * 9999999999 }}\""), 4, "* is not allowed"),
        (entry("line.status", path='"/{{ line.__class__ }}"'), 4, ".__class__ is not allowed"),
        (entry("line.status", path='"/{{ line.foo }}"'), 4, ".foo is not allowed"),
        (entry("line.status", path='"/{{ line % 3 }}"'), 4, "% is not allowed"),
        (entry("line.status", path='"/{{ line * 9999 }}"'), 4, "* is not allowed"),
        (entry("line.status", path='"/{{ line is divisibleby 3 }}"'), 4, "`is divisibleby` is not allowed"),
        (entry("line.status", path='"/{{ line > 3 }}"'), 4, "an argument is text"),
        (entry("line.status", path='"/{{ line[::0] }}"'), 4, "it cannot be worked out"),
        (entry("line.status", path='"/{{ line | replace }}"'), 4, "it cannot be worked out"),
        (entry("line.status", path='"/{{ line[0] }}"'), 4, "[ ] is for slices of text only, such as line[3:]"),
        (entry("line.status", path="\"/{{ 'x' if line == '1' }}\""), 4, "an `if` needs its `else`"),
        (entry("line.status", path='"/{{ line' + " | replace('1', '11')" * 2 + ' }}"'), 4, "only one `replace`"),
        (entry("line.status", path='"/{{ line' + " | replace('1', line)" * 2 + ' }}"'), 4, "only one `replace`"),
        (entry("line.status", path=f'"/{"x" * 500}"'), 4, "longer than 500 characters"),
        (entry("line.status", path='"/hat/../admin/{{ line }}"'), 4, "the path has the step '..'"),
        (entry("line.status", path='"/hat/%2e%2E/{{ line }}"'), 4, "the path has the step '%2e%2E'"),
        (entry("line.status", path='"/hat/./{{ line }}"'), 4, "the path has the step '.'"),
        (entry("line.status", path='"/hat/{{ line }}/"'), 4, "the path has the step ''"),
        (entry("line.status", path='"/{% for x in line %}x{% endfor %}"'), 4, "not {% … %}"),
        (entry("line.status", body='{a: [{b: "{{ lin }}"}]}'), 5, "did you mean 'line'?"),
        (entry("line.status", method="GET", body="{}"), 5, "a GET has no body"),
        (entry("line.status", headers="{Authorization: x}"), 5, "not for the map to set"),
        (entry("line.status", headers='{"X Y": x}'), 5, ""),
        (entry("line.status", headers='{"X: y": x}'), 5, ""),
        (entry("line.status", key_header="X-Key"), 5, "changes nothing"),
        (entry("line.status", missing="{}"), 5, "line.status: nonsense"),
        (entry("line.status", missing="{state: up}"), 5, "line.status: nonsense"),
        (entry("line.status", answer='"{state: "'), 5, "is no JMESPath"),
        (entry("line.status", answer='"{state: status}"'), 5, "the answer lacks outage, product"),
        (entry("line.status", answer="last_of(x)"), 5, "there is no function last_of()"),
        (entry("line.status", answer="day()"), 5, "day() takes 1 arguments, not 0"),
        (entry("line.status", answer="pick(a)"), 5, "pick() takes 2 arguments, not 1"),
        (entry("line.status", answer="asked('number')"), 5, "asked() takes one of the arguments in quotes: line"),
        (entry("line.status", answer="asked(line)"), 5, "asked() takes"),
        (entry("ticket.open", method="GET"), 3, "which a GET must not"),
        (entry("ticket.open", key_header="X-Key", headers="{x-key: y}"), 6, "not for the map to set"),
        (entry("directory.prove", path='"/{{ value }}"'), 4, "value is a secret"),
        (entry("directory.prove", query='{p: "{{ value }}"}'), 5, "value is a secret"),
        (entry("payment.pay", headers='{X-Card: "{{ card }}"}'), 5, "card is a secret"),
    ],
)
def test_a_mistake_is_told_with_its_line(file: Path, text: str, line: int, told: str) -> None:
    message = mistakes(file, text)
    assert message.startswith("the map of services cannot be used\n")
    assert f"{file}:{line}:" in message
    assert told in message


def test_all_mistakes_are_told_at_once_in_their_order(file: Path) -> None:
    text = (
        "tmforum:\n  nothing: {}\nservices:\n  no.such: plain\n"
        '  bill.current: {method: GET, path: "x{{ lin }}", answer: "{", system: nowhere}\n'
    )
    message = mistakes(file, text)
    lines = [line for line in message.splitlines() if line.startswith(str(file))]
    assert [line.split(":")[1] for line in lines] == ["2", "4", "5", "5", "5"]


def test_a_secret_may_stand_in_a_body(file: Path) -> None:
    read(file, entry("directory.prove", body='{pin: "{{ value }}"}', answer='"{proved: ok}"'))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml.*cannot be read"):
        read_map(tmp_path / "nowhere.yaml", ())


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
keys = st.sampled_from([*catalogue.SERVICES, *Api, "path", "method", "answer", "body", "query", "system", "missing"])
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4))


@given(st.dictionaries(st.sampled_from(["services", "tmforum", "other"]), trees))
def test_whatever_the_file_says_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    file = tmp_path_factory.mktemp("maps") / "services.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    with suppress(SettingsError):
        assert read_map(file, SYSTEMS).ways.keys() == catalogue.SERVICES.keys()
