"""The documentation keeps up with the code: its examples work, and no setting, filter or command is missing in it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import get_args, get_origin

import pytest
import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from context_store.keys import Keys
from ivr.cli import app
from ivr.settings import Settings
from ivr.speech import saying
from ivr.speech.templates import Templates
from tests.unit.doc_pages import TOP, blocks, page, rows, section, without_code, words_of

PAGES = (TOP / "README.md", TOP / "CHANGELOG.md", *sorted((TOP / "docs").glob("*.md")))
README, PROMPTS, SETTINGS, ARCHITECTURE = (page(name) for name in ("README", "prompts", "settings", "architecture"))


def test_prompts_on_the_page_can_be_spoken(tmp_path: Path) -> None:
    [text] = blocks(PROMPTS, "yaml")
    assert words_of(text, tmp_path).prompts["tr"]


def filter_rows() -> Iterator[tuple[str, str, str, str]]:
    for cells in rows(section(PROMPTS, "Filters"))[1:]:
        name, value, turkish, english = cells
        yield name, value, turkish, english


@pytest.mark.parametrize(("name", "value", "turkish", "english"), list(filter_rows()))
def test_a_filter_says_what_the_page_says(name: str, value: str, turkish: str, english: str) -> None:
    for language, spoken in (("tr", turkish), ("en", english)):
        prompt = Templates(language, "TR").prompt(f"{{{{ value | {name} }}}}")
        assert prompt.render({"value": json.loads(value)}) == spoken


def test_every_filter_is_told() -> None:
    # The cases of Turkish have a table of their own: test_speech_suffixes.
    assert {name for name, *_ in filter_rows()} == set(saying.filters("en", "TR"))


def sections(model: type[BaseModel], name: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every table of the settings by its heading: "[web]", "[sip.trunk]", "[[queues]]"."""
    for key, field in model.model_fields.items():
        path, inner = f"{name}.{key}" if name else key, inner_model(field)
        if inner:
            named, listed = get_origin(field.annotation) is dict, inner is not field.annotation
            yield f"[{path}.NAME]" if named else f"[[{path}]]" if listed else f"[{path}]", inner
            yield from sections(inner, path)


def inner_model(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field is or holds; of several kinds of one, none."""
    kinds = (field.annotation, *get_args(field.annotation))
    models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return models[0] if len(models) == 1 else None


def plain(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value


@pytest.mark.parametrize(("heading", "model"), list(sections(Settings)))
def test_every_setting_is_told_with_its_default(heading: str, model: type[BaseModel]) -> None:
    told = {cells[0]: cells[2] for cells in rows(section(SETTINGS, f"`{heading}`"))[1:]}
    fields = {key: field for key, field in model.model_fields.items() if not inner_model(field)}
    assert told.keys() == fields.keys()
    for key, field in fields.items():
        if field.is_required() or field.default is None:
            assert told[key] == ("required" if field.is_required() else "none")
        else:
            assert tomllib.loads(f"it = {told[key]}")["it"] == plain(field.default), key


@pytest.mark.parametrize("heading", [heading for heading, _ in sections(Settings) if "softphones" not in heading])
def test_the_name_in_the_environment_is_told(heading: str) -> None:
    name = "DEVAM_" + heading.strip("[]").replace(".", "__").upper()
    assert f"`{heading}` — `{name}" in SETTINGS or f"`{heading}` — `{name}`" in SETTINGS


def commands(group: typer.Typer, name: str) -> Iterator[str]:
    """Every command as one types it; a group that does something by itself counts, too."""
    for command in group.registered_commands:
        assert command.callback
        yield f"{name} {command.name or command.callback.__name__}"
    for inner in group.registered_groups:
        assert inner.typer_instance
        inner_name = f"{name} {inner.name}" if isinstance(inner.name, str) else name  # or commands of the same level
        if inner.typer_instance.registered_callback:
            yield inner_name
        yield from commands(inner.typer_instance, inner_name)


def test_every_command_is_in_the_table() -> None:
    told = {re.sub(r" [A-Z]+$", "", cells[0]) for cells in rows(section(README, "The `ivr` command"))[1:]}
    assert told == set(commands(app, "ivr"))


def test_every_target_of_make_that_is_named_is_there() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|^    )make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_layout_is_as_it_is() -> None:
    [layout] = [text for text in blocks(README, "text") if "context_store/" in text]
    parents: list[str] = []
    told = set()
    for line in layout.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        parents = [*islice(parents, depth), line.split()[0]]
        told.add("".join(parents))
    assert all((TOP / path).is_dir() for path in told), told
    rooms = {f"ivr/{path.parent.name}/" for path in (TOP / "ivr").glob("*/__init__.py")}
    assert rooms <= told


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text(encoding="utf-8"))):
        file, _, anchor = link.partition("#")
        if link.startswith("https://"):
            continue
        target = path.parent / file if file else path
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", without_code(target.read_text(encoding="utf-8")), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}, link


def test_the_keys_in_redis_are_told() -> None:
    assert re.findall(r"`devam:\{id\}:(\w+)`", ARCHITECTURE) == list(Keys._fields)


def test_the_contracts_between_rooms_are_told() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    told = {cells[0] for cells in rows(section(ARCHITECTURE, "The rooms"))}
    assert {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]} <= told
