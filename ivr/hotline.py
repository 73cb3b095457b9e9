"""The hotline that a controller serves: its flow and its prompts, checked together, and the voice that speaks them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ivr.errors import FlowError, Problem
from ivr.flow.model import Flow
from ivr.flow.reading.check import PromptNames, ServiceNames, ServiceShape, check_flow
from ivr.flow.reading.loader import read_flow
from ivr.resources import packaged
from ivr.services import catalogue
from ivr.settings import Settings
from ivr.speech.book import PromptBook
from ivr.speech.speaker import PromptSpeaker
from ivr.speech.synthesis import EspeakSynthesiser


def flow_file(flows: Path | None, name: str) -> Path:
    """The file of a flow: in the given folder, or among those that come with Devam."""
    return (flows or packaged("dialplans") / "flows") / f"{name}.yaml"


def services() -> ServiceNames:
    """What a flow may ask, as the check wants to know it."""
    answers = catalogue.answers()
    return {name: ServiceShape(taken, answers[name]) for name, taken in catalogue.arguments().items()}


def names_of(book: PromptBook) -> PromptNames:
    """The names of a prompt book, as the check wants to know them."""
    return PromptNames(
        {language: book.variables(language) for language in book.languages},
        {language: frozenset(labels) for language, labels in book.labels.items()},
    )


def read_hotline(
    flow: Path, prompts: Path | None, region: str = "TR", queues: Collection[str] | None = None
) -> tuple[Flow, PromptBook]:
    """Read and check a hotline's flows and prompts. Raises `FlowError` with every mistake in either.

    Without `queues`, the flows may name any.
    """
    folder = prompts or packaged("prompts")
    languages = sorted(file.stem for file in folder.glob("*.yaml"))
    if not languages:
        raise FlowError(
            [Problem(str(folder), 0, 0, "there are no prompts here", "a file for each language, as tr.yaml")]
        )
    try:
        book = PromptBook.read(folder, languages, region)
    except FlowError as error:
        raise FlowError([*error.problems, *_problems_of(flow)]) from None
    checked, problems = check_flow(flow, names_of(book), services(), queues)
    if problems or checked is None:
        raise FlowError(problems)
    return checked, book


def _problems_of(flow: Path) -> tuple[Problem, ...]:
    """What is wrong with a flow on its own, when its prompts cannot be read."""
    try:
        read_flow(flow)
    except FlowError as error:
        return error.problems
    return ()


def read_settings_hotline(settings: Settings) -> tuple[Flow, PromptBook]:
    """The hotline of the settings. Raises `FlowError`, also for a queue in the flow that the settings do not have."""
    file = flow_file(settings.paths.flows, settings.controller.flow)
    queues = [queue.name for queue in settings.queues]
    return read_hotline(file, settings.paths.prompts, settings.controller.region, queues)


def make_speaker(settings: Settings, book: PromptBook) -> PromptSpeaker:
    """The speaker that the settings describe."""
    synthesiser = EspeakSynthesiser(settings.speech.espeak, settings.speech.words_per_minute)
    return PromptSpeaker(book, synthesiser, settings.speech.cache)
