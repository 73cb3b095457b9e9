"""What people and CI systems are told of a run: lines, transcripts, what no test reached, JUnit XML."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from ivr.errors import DevamError
from ivr.flowtest.coverage import coverage, named
from ivr.flowtest.junit import junit, write_junit
from ivr.flowtest.reading import find_files, read_tests
from ivr.flowtest.report import Report
from ivr.flowtest.running import Run, run_tests
from tests.unit.flowtest_house import CATALOGUE, COMPANY, FLOW, STAGE, play

TESTS = """\
caller: 0532 111 22 33
tests:
  - test: A person
    call: [{presses: "0"}]
    expect: {queue: agents}
  - test: A [red]person[/] & "nobody" <there>
    call:
      - presses: "0"
      - hears: bye
  - test: Another queue
    call: [{presses: "0"}]
    expect: {queue: faults, reason: fault}
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "some.yaml").write_text(TESTS)
    (tmp_path / "company.yaml").write_text(f"services: {COMPANY.model_dump_json(exclude_unset=True)[12:-1]}")
    return run_tests(STAGE, read_tests(find_files([tmp_path]), CATALOGUE))


def told(run: Run, *, whole: bool = False) -> str:
    page = io.StringIO()
    report = Report(Console(file=page, width=200, highlight=False, soft_wrap=True))
    for result in run.results:
        report.line(result)
    report.failures(run.failed)
    report.coverage(run.coverage, whole=whole)
    report.summary(run, 1.25)
    return page.getvalue()


def test_a_line_a_test_then_what_failed_then_the_sum(run: Run, tmp_path: Path) -> None:
    lines = [line.rstrip() for line in told(run).replace(f"{tmp_path}/", "").splitlines()]
    assert lines[:3] == [
        "passed  A person",
        'failed  A [red]person[/] & "nobody" <there>  some.yaml:9',
        "failed  Another queue  some.yaml:12",
    ]
    assert lines[4].startswith('A [red]person[/] & "nobody" <there> ──')
    assert lines[5:8] == [
        "0s  caller   calls  +905321112233",
        "             → welcome",
        "    hotline  welcome  tr welcome —",
    ]
    assert "✗ bye is not heard: the caller was passed to agents, at person" in lines
    assert "  some.yaml:9: hears: bye" in lines
    assert "✗ queue: agents, not faults" in lines
    assert "✗ reason: asked, not fault" in lines
    assert "  some.yaml:12: expect" in lines
    assert lines[-1] == "2 failed, 1 passed in 1.25 s"


def test_a_little_of_what_is_not_reached_or_all_of_it(run: Run) -> None:
    few, whole = told(run), told(run, whole=True)
    assert "reached: 5 of 16 nodes, 5 of 23 ways" in few
    assert "  not reached in small:\n    node look\n" in few
    assert f"  and {11 + 18 - 5} more: --coverage tells them all" in few
    assert "more:" not in whole
    assert "  not reached in pay:\n    node card\n" in whole
    assert "    main choices.english → main\n" in whole
    assert "    on_hangup → tell\n" in whole


def test_what_all_calls_together_reach() -> None:
    calls = ("[{presses: '0'}]", "[{presses: 1}, hangs_up]", "[{presses: 24242}]")
    outcomes = [play(f"call: {call}") for call in calls]
    found = coverage(FLOW, outcomes)
    assert found.unreached == (("small", "broken"), ("pay", "failed"))
    assert [f"{way.flow}: {named(way)}" for way in found.untaken] == [
        "small: defaults.otherwise → person",
        "small: main choices.english → main",
        "small: look on_error → broken",
        "small: told next → main",
        "small: is_open otherwise → bye",
        "small: broken next → person",
        "small: tell on_error → gone",
        "pay: defaults.otherwise → failed",
        "pay: charge on_error → failed",
    ]
    assert not found.complete
    assert (found.nodes, found.ways) == (16, 23)


def test_everything_can_be_reached() -> None:
    calls = [
        "at: 2026-11-22\ncall: [{presses: 902}]",
        "call: [{hears: main}, silence, silence]",
        "call: [{presses: 1}, {hears: main}, {presses: 242420}]",
        "call: [{presses: 0}]",
        "services: {line.status: {fails: rejected}}\ncall: [{presses: 1}]",
        "services: {call.ended: {fails: rejected}}\ncall: [{hears: main}, hangs_up]",
        "call: [{hears: main}, hangs_up]",
        "services: {payment.pay: {fails: rejected}}\ncall: [{presses: 24242}]",
        "call: [{presses: 2}, {hears: card}, silence, silence, silence]",
    ]
    assert coverage(FLOW, [play(call) for call in calls]).complete


def test_junit_can_be_read(run: Run, tmp_path: Path) -> None:
    root = ElementTree.fromstring(junit(run, 1.25))
    [suite] = root
    assert (root.tag, suite.tag, suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "testsuites", "testsuite", "3", "2", "0",
    )  # fmt: skip
    passed, escaped, other = suite
    assert (passed.tag, passed.get("name"), len(passed)) == ("testcase", "A person", 0)
    assert escaped.get("name") == 'A [red]person[/] & "nobody" <there>'
    assert escaped.get("classname") == escaped.get("file") == str(tmp_path / "some.yaml")
    assert escaped.get("line") == "6"
    [failure] = escaped
    assert failure.get("message") == "bye is not heard: the caller was passed to agents, at person"
    assert "caller   presses  0" in (failure.text or "")
    assert other[0].get("message") == "queue: agents, not faults; reason: asked, not fault"


def test_junit_holds_no_character_that_xml_cannot(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('test: "a\\uFFFEb\\U0001F600"\ncall: [{hears: x}]\n', encoding="utf-8")
    run = run_tests(STAGE, read_tests(find_files([tmp_path]), CATALOGUE))
    [[case]] = ElementTree.fromstring(junit(run, 0.0))
    assert case.get("name") == "a\ufffdb\U0001f600"


def test_junit_is_written_or_it_is_told_why_not(run: Run, tmp_path: Path) -> None:
    write_junit(run, 1.0, tmp_path / "junit.xml")
    assert ElementTree.fromstring((tmp_path / "junit.xml").read_bytes()).get("failures") == "2"
    with pytest.raises(DevamError, match=r"junit\.xml cannot be written: No such file or directory"):
        write_junit(run, 1.0, tmp_path / "nowhere" / "junit.xml")
