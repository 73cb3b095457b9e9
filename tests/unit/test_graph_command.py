"""`ivr graph` as a person uses it, and the picture in the documentation."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.errors import FlowError, SettingsError
from ivr.graph.formats import Format
from ivr.hotline.picture import drawn
from tests.unit.flow_house import GOOD

TOP = Path(__file__).parents[2]
RUNNER = CliRunner()


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, ...]:
    """The options that name a small hotline with a few prompts in one of its two languages."""
    (tmp_path / "small.yaml").write_text(GOOD, encoding="utf-8")
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    (prompts / "tr.yaml").write_text("prompts:\n  welcome: Merhaba.\n", encoding="utf-8")
    (prompts / "en.yaml").write_text("prompts:\n  welcome: Hello.\n", encoding="utf-8")
    return "--flow", str(tmp_path / "small.yaml"), "--prompts", str(prompts)


def graph(*arguments: str) -> str:
    done = RUNNER.invoke(app, ["graph", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_picture_goes_to_the_terminal(small: tuple[str, ...]) -> None:
    assert ElementTree.fromstring(graph(*small)).get("data-version")


def test_or_into_a_file(small: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    assert graph(*small, "--output", str(file)).strip() == f"{file}: drawn"
    assert "Merhaba." in file.read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written(small: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"--output .*: No such file or directory; give a file"):
        graph(*small, "-o", str(tmp_path / "nowhere" / "picture.svg"))


def test_other_formats_and_languages(small: tuple[str, ...]) -> None:
    mermaid = graph(*small, "--format", "mermaid", "--language", "en")
    assert "flowchart TD" in mermaid
    assert "<i>Hello.</i>" in mermaid
    assert graph(*small, "--format", "dot").startswith("// small, version ")


@pytest.mark.parametrize(
    ("option", "told"),
    [("--only", "--only 'smal': there are small"), ("--language", "--language 'smal': there are tr, en")],
)
def test_names_that_do_not_exist(small: tuple[str, ...], option: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        graph(*small, option, "smal")


def test_every_mistake_of_a_flow_is_told(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(GOOD.replace("next: who", "nxt: who").replace("flow: small", "flow: broken"), encoding="utf-8")
    with pytest.raises(FlowError, match="nxt"):
        drawn(file, None, Format.SVG, None, None)


def test_without_the_library_it_tells_what_to_do(small: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.delitem(sys.modules, "ivr.graph.layout", raising=False)
    with pytest.raises(SettingsError, match="pip install pygraphviz"):
        graph(*small)
    assert graph(*small, "--format", "mermaid")


def test_the_picture_in_the_documentation_is_of_the_sample_hotline_as_it_is() -> None:
    """`make docs` draws it anew. Places are not compared: another version of the library may find others."""
    kept = ElementTree.parse(TOP / "docs/hotline.svg").getroot()
    fresh = ElementTree.fromstring(drawn(TOP / "dialplans/flows/hotline.yaml", None, Format.SVG, None, None))
    assert kept.get("data-version") == fresh.get("data-version")
    texts = [
        sorted("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
        for root in (kept, fresh)
    ]
    assert texts[0] == texts[1]
