"""Reading files of flow tests: what is found where, and every mistake with its place and a way to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.errors import FlowError
from ivr.flowtest.reading import find_files, read_tests
from ivr.flowtest.replies import Reply
from ivr.flowtest.scenario import step_words
from ivr.services.catalogue import SERVICES


def told(folder: Path) -> list[str]:
    """The mistakes in a folder, without its name."""
    with pytest.raises(FlowError) as caught:
        read_tests(find_files([folder]), SERVICES)
    return [str(problem).replace(f"{folder}/", "").replace("\n    ", " | ") for problem in caught.value.problems]


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_files_are_found_in_order_and_once(tmp_path: Path) -> None:
    one = "test: x\nexpect: {node: x}\n"
    written(tmp_path, b=one, a=one, deep__c=one, company="services: {}\n")
    (tmp_path / "notes.txt").write_text("no test")
    found = find_files([tmp_path, tmp_path / "a.yaml"])
    assert [str(file.relative_to(tmp_path)) for file in found] == ["a.yaml", "b.yaml", "deep/c.yaml"]
    with pytest.raises(FlowError, match="nowhere: is not there"):
        find_files([tmp_path / "nowhere"])


def test_tests_share_what_stands_above_them(tmp_path: Path) -> None:
    written(
        tmp_path,
        many=(
            "caller: 0532 111 22 33\nlanguage: en\nservices: {line.status: {fails: timeout}}\n"
            "tests:\n  - test: one\n    expect: {node: a}\n"
            "  - test: two\n    language: tr\n    call:\n      - hears: x\n      - silence\n    expect: {node: b}\n"
        ),
    )
    one, two = read_tests(find_files([tmp_path]), SERVICES)
    assert (one.scenario.test, one.scenario.caller, one.scenario.language) == ("one", "0532 111 22 33", "en")
    assert (two.scenario.test, two.scenario.caller, two.scenario.language) == ("two", "0532 111 22 33", "tr")
    assert one.company.services == {"line.status": (Reply(fails="timeout"),)}
    assert (one.line, one.lines) == (5, (6,))
    assert (two.line, two.lines) == (7, (10, 11, 12))


def test_the_nearest_company_counts(tmp_path: Path) -> None:
    one = "test: x\nexpect: {node: x}\n"
    far, near = "services: {line.status: {fails: timeout}}\n", "services: {line.status: {fails: rejected}}\n"
    written(tmp_path, company=far, a=one, deep__b=one, deeper__c=one, deeper__company=near)
    tests = {Path(test.file).stem: test for test in read_tests(find_files([tmp_path]), SERVICES)}
    fails = {name: test.company.services["line.status"][0].fails for name, test in tests.items()}
    assert fails == {"a": "timeout", "b": "timeout", "c": "rejected"}


def test_a_tests_replies_stand_over_the_companys(tmp_path: Path) -> None:
    written(
        tmp_path,
        company=(
            "services:\n  line.status:\n    - {given: {line: 1}, fails: timeout}\n"
            "    - {given: {line: 2}, fails: timeout}\n    - {fails: timeout}\n"
        ),
        some="services: {line.status: {given: {line: 1}, fails: rejected}}\ntests: [{test: x, expect: {node: x}}]\n",
    )
    [test] = read_tests(find_files([tmp_path]), SERVICES)
    replies = test.company.services["line.status"]
    assert [(reply.given, reply.fails) for reply in replies] == [
        ({"line": "1"}, "rejected"),
        ({"line": "2"}, "timeout"),
        ({}, "timeout"),
    ]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    written(
        tmp_path,
        a="""\
test: Everything is wrong
calller: 0555
at: tomorrow
services:
  line.statu: {state: up}
  line.status: {state: broken, outage: {id: 1}}
  ticket.open:
    - {gven: {symptom: slow}, answer: {number: "482913", appointment: null}}
    - {given: {symptm: slow}, fails: timeout}
  quota.current: {fails: tired}
  bill.current: {answer: {}, fails: timeout}
  directory.find: []
call:
  - hear: x
  - hears: Ask Line
  - presses: 12a
  - presses
  - silence: 2
  - silenc
  - hears: x
    presses: 1
  - waits: 5
  - asks: {line: {}}
  - expect: {nod: x}
  -
expect: {levle: x, level: high, never: {hers: x}, answers: {a: 1.5}}
""",
    )
    assert told(tmp_path) == [
        "a.yaml:2:1: 'calller' is not a key that can stand here | did you mean 'caller'? the keys here are: test,"
        " earlier, call, expect, caller, language, at, announcement, token, returned, speech, services",
        "a.yaml:3:1: 'tomorrow' is not a time | write it like 2026-11-23 10:00",
        "a.yaml:5:3: there is no service 'line.statu' | did you mean 'line.status'?",
        "a.yaml:6:3: line.status cannot answer this: state cannot be so (literal_error); outage.id cannot be so"
        " (string_type); outage.area is missing; outage.cause is missing; outage.until is missing"
        " | write it as the service answers, or `fails: nonsense` for a service that answers wrongly",
        "a.yaml:8:8: 'gven' is not a key that can stand here | did you mean 'given'? the keys here are: given, answer,"
        " fails, takes",
        "a.yaml:10:19: 'fails' cannot be 'tired' | write 'timeout', 'unavailable', 'rejected', 'nonsense' or 'limited'",
        "a.yaml:11:3: a reply either answers or fails | write one of `answer:` and `fails:`",
        "a.yaml:12:3: directory.find has no reply | such as `{state: up}`, or `{fails: timeout}`",
        "a.yaml:14:5: 'hear' is not a step of a call | did you mean 'hears'? the steps are: hears, presses, says,"
        " waits, asks, expect, silence, hangs_up, taken_over, deaf",
        "a.yaml:15:5: 'Ask Line' cannot be a name | use small letters a-z, digits and _, beginning with a letter",
        "a.yaml:16:5: '12a' cannot be pressed | use 0-9, * and #, in quotes, at most 64",
        "a.yaml:17:5: the step 'presses' has no value | write `- presses: …`",
        "a.yaml:18:5: 'silence' is a step by itself | write `- silence`, without a colon",
        "a.yaml:19:5: 'silenc' is not a step of a call | did you mean 'silence'? the steps are: hears, presses, says,"
        " waits, asks, expect, silence, hangs_up, taken_over, deaf",
        "a.yaml:20:5: this step does 2 things at once | begin a line with `- ` for each",
        "a.yaml:22:5: 5 cannot be used for 'waits' | write a time with its unit, such as 5s or 1500ms",
        "a.yaml:23:12: 'line' cannot be the name of a service | write it like faults.open",
        "a.yaml:24:14: 'nod' is not a key that can stand here | did you mean 'node'? the keys here are: node, queue,"
        " reason, agent, outcome, level, language, answers, facts, passes, never",
        "a.yaml:25:4: this step is empty | the steps are: hears, presses, says, waits, asks, expect, silence, hangs_up,"
        " taken_over, deaf",
        "a.yaml:26:10: 'levle' is not a key that can stand here | did you mean 'level'? the keys here are: node, queue,"
        " reason, agent, outcome, level, language, answers, facts, passes, never",
        "a.yaml:26:20: 'level' cannot be 'high' | write 'unknown', 'claimed', 'recognised' or 'verified'",
        "a.yaml:26:41: 'hers' is not a key that can stand here | did you mean 'hears'? the keys here are: hears, asks,"
        " passes",
        "a.yaml:26:61: 1.5 would not be compared as it is written | put it in quotes",
    ]


NODE = "expect: {node: a}\n"
RETURNED = "{level: verified, customer: {id: C1, name: Ayşe}}"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("- a\n", "1:1: the file must hold keys and values, not a list"),
        (f"test: x\ntest: y\n{NODE}", "2:1: the key 'test' is here twice"),
        (NODE, "1:1: 'test' is missing"),
        ("tests: 5\n", "1:1: 'tests' must be a list of tests"),
        ("tests: []\n", "1:1: 'tests' must be a list of tests"),
        ("tests: [x]\n", "1:9: this is not a test"),
        (f"test: x\ntests: [{{test: x, {NODE[:-1]}}}]\n", "1:1: 'test' is not a key that can stand here"),
        (f"at: 5\ntests: [{{test: x, {NODE[:-1]}}}]\n", "1:1: 5 is not a time"),
        ("test: x\ncall: silence\n", "2:1: 'call' must be a list of steps"),
        ("test: x\nexpect: bye\n", "2:1: 'this' must hold keys and values, not 'bye'"),
        ("test: x\nservices: none\n", "2:1: 'services' must hold services by name"),
        ("test: x\nservices: {status: {fails: timeout}}\n", "2:12: 'status' cannot be the name of a service"),
        ("test: x\ncall: [silence]\n", "1:1: the test 'x' checks nothing"),
        (f"test: x\ncaller: 0532 111\n{NODE}", "2:1: '0532 111' is no telephone number"),
        (f"test: x\ncaller: [1]\n{NODE}", "2:1: 'caller' must be text, not [1]"),
        (f"test: x\ntoken: abc\n{NODE}", "2:1: 'abc' cannot be a token that a call brings"),
        (f"test: x\nreturned: {RETURNED}\n{NODE}", "2:1: nobody returns without a number"),
        (f"test: x\ncaller: null\nreturned: {RETURNED}\n{NODE}", "3:1: nobody returns without a number"),
        (
            f"test: x\ncaller: 0555\nreturned: {RETURNED.replace('verified', 'claimed')}\n{NODE}",
            "3:12: nobody returns as claimed: only what was proved is kept",
        ),
        (
            f"test: x\nreturned: {{level: unknown, customer: {{id: a, name: b}}}}\n{NODE}",
            "2:12: nobody returns as unknown: only what was proved is kept",
        ),
        (f"test: x\nearlier: a\n{NODE}", "2:1: an earlier call needs its steps, under 'call'"),
        (f"test: x\nearlier: {{ago: 1h}}\n{NODE}", "2:1: an earlier call needs its steps, under 'call'"),
        (f"test: x\nearlier: {{call: [hangs_up], ago: 5s}}\n{NODE}", "2:29: '5s' is not a span of time"),
        (f"test: x\nearlier: {{call: [hangs_up], at: 5}}\n{NODE}", "2:29: 'at' is not a key that can stand here"),
        (f"test: x\nearlier: {{call: [hangs_up], caller: 05}}\n{NODE}", "2:29: '05' is no telephone number"),
        (f"test: x\nearlier: {{call: [hang_up]}}\n{NODE}", "2:18: 'hang_up' is not a step of a call"),
        (
            f"test: x\nearlier: {{call: [hangs_up], services: {{a.b: {{}}}}}}\n{NODE}",
            "2:40: there is no service 'a.b'",
        ),
        (
            f"test: x\nearlier: {{call: [hangs_up], earlier: {{call: [hears: x, hears: X]}}}}\n{NODE}",
            "2:56: 'X' cannot be a name",
        ),
        (
            f"test: x\nearlier: {{call: [hangs_up], earlier: {{call: [hangs_up], caller: 05}}}}\n{NODE}",
            "2:57: '05' is no telephone number",
        ),
        (f"test: x\nat: 2026-02-30\n{NODE}", "2:1: '2026-02-30' is not a time"),
        ("tests: [{test: x, expect: {node: a}}, {test: x, expect: {node: a}}]\n", "1:40: the test 'x' is here twice"),
        (
            "services: {ticket.open: {given: {symptm: a}, fails: timeout}}\ntests: [{test: x, call: [{hears: y}]}]\n",
            "1:34: ticket.open has no argument 'symptm'",
        ),
    ],
)
def test_a_mistake(tmp_path: Path, text: str, mistake: str) -> None:
    assert [line.partition(" | ")[0] for line in told(written(tmp_path, a=text))] == [f"a.yaml:{mistake}"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("token: abc", "write 16 to 128 letters a-z, digits, - and _"),
        (f"returned: {RETURNED}", "write `caller:`; who withholds the number is not known again"),
        (f"returned: {RETURNED.replace('verified', 'recognised')}", "write `level: verified`"),
    ],
)
def test_how_to_mend_what_a_call_cannot_bring(tmp_path: Path, key: str, hint: str) -> None:
    [line] = told(written(tmp_path, a=f"test: x\n{key}\n{NODE}"))
    assert line.partition(" | ")[2] == hint


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("service: {}\n", "1:1: 'service' is not a key that can stand here"),
        ("services:\n  line.status: down\n", "2:3: line.status has no reply"),
        ("services:\n  line.status:\n", "2:3: line.status has no reply"),
        (
            "services:\n  directory.find: {matches: nobody}\n",
            "2:3: directory.find cannot answer this: matches cannot be so (list_type)",
        ),
    ],
)
def test_a_mistake_in_the_companys_file_is_told_once(tmp_path: Path, text: str, mistake: str) -> None:
    one = f"test: x\n{NODE}"
    found = told(written(tmp_path, company=text, a=one, b=one))
    assert [line.partition(" | ")[0] for line in found] == [f"company.yaml:{mistake}"]


def test_keys_and_numbers_as_yaml_takes_them(tmp_path: Path) -> None:
    written(
        tmp_path,
        a="test: x\ncaller: 05321112233\ncall:\n  - presses: 1\n  - presses: 012 34\n  - says: 5\n  - hears: x\n",
    )
    [test] = read_tests(find_files([tmp_path]), SERVICES)
    assert test.scenario.caller == "05321112233"
    assert [step_words(step) for step in test.scenario.call[:3]] == ["presses: 1", "presses: 01234", "says: 5"]
