"""All texts of a hotline, from the files that operations staff edit or from an edition. Reads files; otherwise pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from context_store.editions import Edition
from context_store.records import Json
from ivr.errors import FlowError, Problem
from ivr.flow.reading.loader import parse_flows
from ivr.flow.reading.texts import FlowTexts, gather, scanned
from ivr.flow.reading.version import content_version
from ivr.resources import packaged
from ivr.speech.book import BookTexts
from ivr.speech.book import gather as gather_book

_FILE = re.compile(r"(flows|prompts)/([A-Za-z0-9_.-]{1,64})\.yaml")


@dataclass(frozen=True, slots=True)
class HotlineTexts:
    """All texts of a hotline, as an edition holds them."""

    flows: FlowTexts
    prompts: BookTexts

    @property
    def files(self) -> Mapping[str, str]:
        """By name: "flows/hotline.yaml", "prompts/tr.yaml"."""
        flows = {f"flows/{name}.yaml": text for name, text in self.flows.texts.items()}
        return flows | {f"prompts/{language}.yaml": text for language, text in self.prompts.texts.items()}

    def version(self, flows: str) -> str:
        """The version of the whole: a digest of the version of the `flows` and of the prompts' content."""
        books = {language: scanned(text, self.prompts.file(language)) for language, text in self.prompts.texts.items()}
        return content_version({"flows": flows, "prompts": {name: spoken(book.data) for name, book in books.items()}})


def gather_hotline(flow: Path, prompts: Path | None) -> HotlineTexts:
    """The files of a hotline: its flow, what it leads to, the prompts. Raises `FlowError` for what cannot be read."""
    folder = prompts or packaged("prompts")
    languages = sorted(file.stem for file in folder.glob("*.yaml"))
    if not languages:
        raise FlowError(
            [Problem(str(folder), 0, 0, "there are no prompts here", "a file for each language, as tr.yaml")]
        )
    texts, problems = gather_book(folder, languages)
    try:
        flows = gather(flow)
    except FlowError as error:
        raise FlowError([*error.problems, *problems]) from None
    if problems:
        raise FlowError([*problems, *problems_of(flows)])
    return HotlineTexts(flows, texts)


def edition_texts(edition: Edition) -> HotlineTexts:
    """The texts of an edition. Raises `FlowError` for files that this version of Devam does not know."""
    found: dict[str, dict[str, str]] = {"flows": {}, "prompts": {}}
    for name, text in edition.files.items():
        if not (named := _FILE.fullmatch(name)):
            raise FlowError([Problem(name, 0, 0, "is not a file of a hotline", "bring Devam to the same version")])
        found[named[1]][named[2]] = text
    if edition.hotline not in found["flows"]:
        raise FlowError([Problem(f"flows/{edition.hotline}.yaml", 0, 0, "is missing", "publish the hotline again")])
    return HotlineTexts(FlowTexts(edition.hotline, found["flows"], "flows"), BookTexts(found["prompts"], "prompts"))


def problems_of(flows: FlowTexts) -> tuple[Problem, ...]:
    """What is wrong with flows on their own, when their prompts cannot be read."""
    try:
        parse_flows(flows)
    except FlowError as error:
        return error.problems
    return ()


def spoken(data: Json) -> Json:
    """A prompt book's content without what nobody hears: where its lines are broken."""
    if isinstance(data, str):
        return " ".join(data.split())
    return {key: spoken(value) for key, value in data.items()} if isinstance(data, dict) else data
