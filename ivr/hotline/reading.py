"""The hotline that a controller serves: its flows and its prompts, checked together.

It comes from the files that operations staff edit, or from an edition that they have published.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from context_store.editions import Edition
from ivr.errors import FlowError, Problem, SpeechError
from ivr.flow.model import Flow
from ivr.flow.reading.check import PromptNames, ServiceNames, ServiceShape, Unheard, check_flows
from ivr.flow.reading.check_names import WORDING, names_read
from ivr.flow.reading.loader import parse_flows
from ivr.flow.reading.texts import FlowTexts, scanned
from ivr.flow.reading.version import with_version
from ivr.hotline.texts import HotlineTexts, edition_texts, gather_hotline, problems_of
from ivr.resources import packaged
from ivr.services import catalogue
from ivr.settings import Settings
from ivr.speech.book import PromptBook


def flow_file(flows: Path | None, name: str) -> Path:
    """The file of a flow: in the given folder, or among those that come with Devam."""
    return (flows or packaged("dialplans") / "flows") / f"{name}.yaml"


def services() -> ServiceNames:
    """What a flow may ask, as the check wants to know it."""
    answers = catalogue.answers()
    return {
        name: ServiceShape(service.arguments, answers[name], service.changes)
        for name, service in catalogue.SERVICES.items()
    }


def names_of(book: PromptBook) -> PromptNames:
    """The names of a prompt book, as the check wants to know them."""
    return PromptNames(
        {language: book.variables(language) for language in book.languages},
        {language: frozenset(labels) for language, labels in book.labels.items()},
        {language: book.needed(language) for language in book.languages},
    )


def read_hotline(
    flow: Path,
    prompts: Path | None,
    region: str = "TR",
    queues: Collection[str] | None = None,
    unheard: Unheard | None = None,
) -> tuple[Flow, PromptBook]:
    """Read and check a hotline's flows and prompts. Raises `FlowError` with every mistake in either.

    Without `queues`, the flows may name any; without `unheard`, their phrases may have any words.
    """
    return read_texts(gather_hotline(flow, prompts), prompts, region, queues, unheard)


def read_texts(
    texts: HotlineTexts,
    prompts: Path | None,
    region: str = "TR",
    queues: Collection[str] | None = None,
    unheard: Unheard | None = None,
) -> tuple[Flow, PromptBook]:
    """`read_hotline` for texts that were read; the recordings are those of the folder `prompts`."""
    try:
        book = PromptBook.of(texts.prompts, prompts or packaged("prompts"), region)
    except FlowError as error:
        raise FlowError([*error.problems, *problems_of(texts.flows)]) from None
    return _checked(texts, book, queues, unheard), book


def read_to_list(flow: Path, prompts: Path | None, region: str = "TR") -> tuple[PromptBook, list[Problem]]:
    """`read_hotline` for who records it: what is wrong with recordings comes beside the book, which is without these.

    Raises `FlowError` for everything else.
    """
    texts = gather_hotline(flow, prompts)
    try:
        book, wrong = PromptBook.usable(texts.prompts, prompts or packaged("prompts"), region)
    except FlowError as error:
        raise FlowError([*error.problems, *problems_of(texts.flows)]) from None
    _checked(texts, book, None)
    return book, wrong


def read_edition(edition: Edition, settings: Settings) -> tuple[Flow, PromptBook]:
    """The hotline of an edition, with this controller's recordings.

    Raises `FlowError` when it cannot be served here: published by another version of Devam, or naming a service or a
    queue that this controller does not have.
    """
    texts = edition_texts(edition)
    folder = settings.paths.prompts or packaged("prompts")
    book = PromptBook.published(texts.prompts, folder, settings.controller.region)
    flow = _checked(texts, book, queue_names(settings))
    # Who published it has worked the version out; calls, conversations and takeovers go by that one.
    return with_version(flow, edition.version), book


def read_to_replay(edition: Edition) -> Flow:
    """The flows of an edition that calls were served with once, whatever the rules say of it today.

    Raises `FlowError` when they cannot even be read.
    """
    texts = edition_texts(edition)
    flow, book = parse_flows(texts.flows), PromptBook.published(texts.prompts, packaged("prompts"))
    flow = flow.model_copy(update={"wordings": _wordings(texts.flows, book, flow.languages)})
    return with_version(flow, edition.version)


def queue_names(settings: Settings) -> list[str]:
    """The queues that flows may hand callers to."""
    return [queue.name for queue in settings.queues]


def settings_files(settings: Settings) -> tuple[Path, Path | None]:
    """The main flow's file and the folder of the prompts."""
    return flow_file(settings.paths.flows, settings.controller.flow), settings.paths.prompts


def read_settings_hotline(settings: Settings) -> tuple[Flow, PromptBook]:
    """The hotline of the settings' files. Raises `FlowError`, also for a queue that the settings do not have."""
    return read_hotline(*settings_files(settings), settings.controller.region, queue_names(settings))


def _checked(
    texts: HotlineTexts, book: PromptBook, queues: Collection[str] | None, unheard: Unheard | None = None
) -> Flow:
    flow, problems = check_flows(texts.flows, names_of(book), services(), queues, unheard)
    if problems or flow is None:
        raise FlowError(problems)
    flow = flow.model_copy(update={"wordings": _wordings(texts.flows, book, flow.languages)})
    return with_version(flow, texts.version(flow.version))


def _wordings(texts: FlowTexts, book: PromptBook, languages: Sequence[str]) -> dict[str, dict[str, str]]:
    """The texts of the prompts that a flow names as wording.PROMPT. Raises `FlowError` for one that is too long."""
    sources = [scanned(text, texts.file(name)) for name, text in texts.texts.items()]
    named = {name for source in sources for _, name in names_read(source)}
    prompts = sorted(name.removeprefix(f"{WORDING}.") for name in named if name.startswith(f"{WORDING}."))
    try:
        return {language: {prompt: book.text(prompt, language, {}) for prompt in prompts} for language in languages}
    except SpeechError as error:
        raise FlowError([Problem(texts.file(texts.main), 0, 0, str(error), "name a shorter prompt")]) from None
