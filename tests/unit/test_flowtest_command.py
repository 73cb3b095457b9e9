"""`ivr test` as a person uses it: what it says, and its exit status."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.test_cli import ivr

FLOW = """\
flow: tiny
languages: [tr, en]
start: main_menu
defaults: {otherwise: person}
nodes:
  main_menu: {menu: main_menu, choices: {agent: {key: 0, next: person}}}
  person: {transfer: agents, reason: asked_for_agent}
"""
PERSON = 'test: A person\ncall: [{presses: "0"}]\nexpect: {queue: agents}\n'
SILENT = "test: Nobody there\ncall: [silence, silence, silence]\nexpect: {queue: agents}\n"
WRONG = "test: Wrong\ncall: [{hears: goodbye}]\n"


PROMPTS = """\
prompts: {main_menu: For a person press zero., noinput: Nothing heard., nomatch: No such key.}
labels:
  main_menu: Menu
  main_menu.agent: A person
  agents: Agents
  asked_for_agent: Asked for a person
  flow_failed: Broken
"""
TEST = ("test", "--flow", "tiny.yaml", "--prompts", "prompts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A flow and prompts of its own, and one test in the usual folder."""
    (tmp_path / "tiny.yaml").write_text(FLOW)
    (tmp_path / "prompts").mkdir()
    for language in ("tr", "en"):
        (tmp_path / "prompts" / f"{language}.yaml").write_text(PROMPTS)
    (tmp_path / "tests" / "scenarios").mkdir(parents=True)
    (tmp_path / "tests" / "scenarios" / "person.yaml").write_text(PERSON)
    return tmp_path


def test_tests_that_pass(folder: Path) -> None:
    done = ivr(*TEST, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "passed  A person" in done.stdout
    assert "reached: 2 of 2 nodes, 2 of 3 ways" in done.stdout
    assert "defaults.otherwise → person" in done.stdout
    assert "1 passed" in done.stdout


def test_one_that_fails(folder: Path) -> None:
    (folder / "wrong.yaml").write_text(WRONG)
    done = ivr(*TEST, "tests", "wrong.yaml", "--junit", "junit.xml", folder=folder)
    assert done.returncode == 1
    assert "passed  A person" in done.stdout
    assert "failed  Wrong  wrong.yaml:2" in done.stdout
    assert "✗ goodbye is not heard: the call waits for the caller at main_menu" in done.stdout
    assert ElementTree.fromstring((folder / "junit.xml").read_bytes()).get("failures") == "1"


def test_only_some(folder: Path) -> None:
    (folder / "tests" / "scenarios" / "wrong.yaml").write_text(WRONG)
    assert ivr(*TEST, "-k", "a PERSON", folder=folder).returncode == 0
    assert ivr(*TEST, "-k", "person.yaml", folder=folder).returncode == 0
    done = ivr(*TEST, "-k", "nothing", folder=folder)
    assert done.returncode == 1
    assert "-k 'nothing': no test has that in its name" in done.stderr


@pytest.mark.parametrize("text", ["iptal ışık", "İPTAL IŞIK"])
def test_a_turkish_name_is_found_in_any_case(folder: Path, text: str) -> None:
    (folder / "tests" / "scenarios" / "turkish.yaml").write_text(
        PERSON.replace("A person", "İptal Işık"), encoding="utf-8"
    )
    done = ivr(*TEST, "-k", text, folder=folder)
    assert "passed  İptal Işık" in done.stdout, done.stderr


def test_everything_may_have_to_be_reached(folder: Path) -> None:
    assert ivr(*TEST, "--need-all", folder=folder).returncode == 1
    (folder / "tests" / "scenarios" / "silent.yaml").write_text(SILENT)
    done = ivr(*TEST, "--need-all", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "reached: 2 of 2 nodes, 3 of 3 ways" in done.stdout


def test_no_test_at_all_is_no_success(folder: Path) -> None:
    (folder / "empty").mkdir()
    for arguments in (("empty",), ("nowhere",)):
        done = ivr(*TEST, *arguments, folder=folder)
        assert done.returncode == 1, arguments
        assert arguments[0] in done.stderr
    done = ivr("test", folder=folder / "empty")
    assert done.returncode == 1
    assert "there are no flow tests in tests/scenarios" in done.stderr


def test_a_mistake_in_a_test_is_told_with_its_place(folder: Path) -> None:
    (folder / "tests" / "scenarios" / "person.yaml").write_text(PERSON.replace("queue", "quue"))
    done = ivr(*TEST, folder=folder)
    assert done.returncode == 1
    assert "tests/scenarios/person.yaml:3:10: 'quue' is not a key that can stand here" in done.stderr


def test_tests_lie_beside_the_settings(tmp_path: Path) -> None:
    assert ivr("init", str(tmp_path / "own"), folder=tmp_path).returncode == 0
    (tmp_path / "own" / "tests").mkdir(exist_ok=True)
    (tmp_path / "own" / "tests" / "hello.yaml").write_text("test: Hello\ncall: [{hears: welcome}]\n")
    done = ivr("test", "--settings", "own/devam.toml", "-k", "Hello", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed  Hello" in done.stdout
