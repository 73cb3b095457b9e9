"""The hotline that a controller serves: its flow and its prompts, checked together, and the voice that speaks them."""

from __future__ import annotations

from pathlib import Path

from ivr.errors import FlowError, Problem
from ivr.flow.model import Flow, Transfer
from ivr.flow.reading.check import PromptNames, check_flow
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


def read_hotline(flow: Path, prompts: Path | None, region: str = "TR") -> tuple[Flow, PromptBook]:
    """Read and check a flow with its prompts. Raises `FlowError` with every mistake in either."""
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
    names = PromptNames(
        {language: book.variables(language) for language in book.languages},
        {language: frozenset(labels) for language, labels in book.labels.items()},
    )
    checked, problems = check_flow(flow, names, catalogue.arguments())
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
    flow, book = read_hotline(file, settings.paths.prompts, settings.controller.region)
    known = {queue.name for queue in settings.queues}
    named = {node.transfer for node in flow.nodes.values() if isinstance(node, Transfer)} | {flow.defaults.queue}
    if unknown := sorted(named - known):
        mend = f"add [[queues]] to the settings, or name one of {', '.join(sorted(known))}"
        raise FlowError([Problem(str(file), 0, 0, f"there is no queue {queue!r}", mend) for queue in unknown])
    return flow, book


def make_speaker(settings: Settings, book: PromptBook) -> PromptSpeaker:
    """The speaker that the settings describe."""
    synthesiser = EspeakSynthesiser(settings.speech.espeak, settings.speech.words_per_minute)
    return PromptSpeaker(book, synthesiser, settings.speech.cache)
