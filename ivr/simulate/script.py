"""Makes a flow test of a call that was played, and writes it. Writes the one file that it is told to.

What is written is read back and played at once, so whoever saves a test knows that `ivr test` will pass it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from context_store.records import Answer, Progress, Sensitivity
from ivr.errors import FlowError, SettingsError
from ivr.flow.reading.hints import span
from ivr.flowtest.playing import play_scenario
from ivr.flowtest.reading import COMPANY_FILE, read_tests
from ivr.flowtest.replies import Catalogue, Reply
from ivr.flowtest.scenario import (
    STARS,
    Asks,
    Earlier,
    Expectation,
    Hears,
    Presses,
    Says,
    Scenario,
    Scene,
    Step,
    Utterance,
    Waits,
)
from ivr.flowtest.stage import Stage
from ivr.flowtest.writing import write_scenario
from ivr.simulate.happenings import Asked, Gone, Happening, Heard, Late, Pressed, Replied, Said, Silent, Waited
from ivr.simulate.line import Standing

_KEYS, _PROMPTS, _SECONDS = 64, 50, 300  # the most of one step of a test
_AGO = Earlier.model_fields["ago"].default
_TOKEN = "the-token-of-a-saved-test"  # stands for a real one: services reply the same to any


def check_file(file: Path) -> None:
    """Raise `SettingsError` when a test cannot be saved there."""
    if file.suffix != ".yaml" or file.name == COMPANY_FILE:
        raise SettingsError(f"{file}: give a test a name of its own that ends in .yaml")
    try:
        there, folder = file.exists(), file.parent.is_dir()
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}; give another name") from None
    if there:
        raise SettingsError(f"{file} is there already; give another name, or remove it")
    if not folder:
        raise SettingsError(f"{file.parent}: there is no such folder; make it, or give another one")


def save(file: Path, scenario: Scenario, stage: Stage) -> str:
    """Write the test. Returns what goes otherwise when it is played; empty when it passes.

    Raises `SettingsError` when it cannot be written.
    """
    check_file(file)
    try:
        with file.open("x", encoding="utf-8") as text:
            text.write(write_scenario(scenario))
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}; give a file that can be written") from None
    try:
        [written] = read_tests([file], stage.catalogue, stage.region)
    except FlowError as error:
        return str(error)
    failure = play_scenario(stage, written.scenario, written.company).failure
    return "; ".join(failure.what) if failure else ""


def scenario_of(
    scene: Scene,
    standing: Standing,
    catalogue: Catalogue,
    words: str = "",
    before: Sequence[tuple[Standing, float]] = (),
) -> Scenario:
    """The test that a played call is. `words` say what it shows; `before` are earlier calls, and the seconds up to the
    next one.

    Raises `SettingsError` for a call that is longer than a test may be.
    """
    base = scene.model_dump(include=scene.model_fields_set) | ({"token": _TOKEN} if scene.token else {})
    progress = standing.progress
    try:
        return Scenario(
            **base,
            test=words or _sentence(scene, progress),
            services=_services(standing.happened),
            earlier=_earlier(before, catalogue),
            call=tuple(_steps(standing, catalogue)),
            expect=_expected(progress, scene.language or progress.language),
        )
    except ValidationError:
        raise SettingsError("the call is too long for a test; save a shorter one") from None


def _earlier(before: Sequence[tuple[Standing, float]], catalogue: Catalogue) -> Earlier | None:
    if not before:
        return None
    *older, (standing, ago) = before
    return Earlier.model_validate(
        {
            **({} if ago == _AGO else {"ago": span(ago)}),
            "services": _services(standing.happened),
            "earlier": _earlier(older, catalogue),
            "call": tuple(_steps(standing, catalogue)),
        }
    )


def _sentence(scene: Scene, progress: Progress) -> str:
    who = "A withheld number" if not scene.caller else "A caller"
    if progress.queue:
        return f"{who} is passed to {progress.queue}, because of {progress.reason}"
    if progress.gone:
        return f"{who} hangs up at {progress.node}"
    return f"{who} comes to the end {progress.outcome}" if progress.over else f"{who} comes to {progress.node}"


def _expected(progress: Progress, first: str) -> Expectation:
    return Expectation(
        node=None if progress.over else progress.node,
        queue=progress.queue or None,
        reason=progress.reason or None,
        outcome=progress.outcome or None,
        level=progress.level,
        language=None if progress.language == first else progress.language,
        answers={name: _value(answer) for name, answer in progress.answers.items()},
    )


def _value(answer: Answer) -> str:
    return STARS if answer.sensitivity is Sensitivity.SECRET else answer.value


def _services(happened: tuple[Happening, ...]) -> dict[str, tuple[Reply, ...]]:
    """The replies of each service in turn. The last one is written once, as it counts from then on."""
    replies: dict[str, list[Reply]] = {}
    for one in happened:
        if isinstance(one, Replied):
            failed = one.answer is None
            reply = Reply.model_validate({"fails": one.reason} if failed else {"answer": one.answer})
            replies.setdefault(one.service, []).append(reply)
    for given in replies.values():
        while len(given) > 1 and given[-1] == given[-2]:
            given.pop()
    return {service: tuple(given) for service, given in replies.items()}


def _steps(standing: Standing, catalogue: Catalogue) -> Iterator[Step]:
    """What the caller did, and between that what was heard, and which services were asked to change something."""
    heard: list[str] = []
    late = 0.0  # seconds that passed since then until a reply came; who listens for something has waited for it
    for position, one in enumerate(standing.happened):
        if isinstance(one, Heard) and not one.cut:
            heard += one.play.prompts
            late = 0.0
        elif isinstance(one, Late):
            late += one.seconds
        elif steps := list(_step(standing, position, catalogue)):
            yield from _hears(heard)
            yield from _waits(late)
            yield from steps
            heard.clear()
            late = 0.0
    yield from _hears(heard)


def _step(standing: Standing, position: int, catalogue: Catalogue) -> Iterator[Step]:
    match standing.happened[position]:
        case Pressed(first=first):
            later = (one.first for one in standing.happened[position + 1 :] if isinstance(one, Pressed))
            keys = standing.keypad.pressed[first : next(later, None)]
            yield from (Presses(presses=keys[at : at + _KEYS]) for at in range(0, len(keys), _KEYS))
        case Said(words=words, confidence=confidence):
            yield Says(says=Utterance(words=words, confidence=confidence))
        case Silent():
            yield "silence"
        case Waited(seconds=seconds):
            yield from _waits(seconds)
        case Gone():
            yield "hangs_up"
        case Asked(service=service, arguments=arguments) if catalogue[service].changes:
            yield Asks(asks={service: dict(arguments)})


def _waits(seconds: float) -> Iterator[Waits]:
    """In whole milliseconds, rather more than less."""
    milliseconds = math.ceil(round(seconds * 1000, 1))
    for at in range(0, milliseconds, _SECONDS * 1000):
        yield Waits.model_validate({"waits": f"{min(_SECONDS * 1000, milliseconds - at)}ms"})


def _hears(heard: list[str]) -> Iterator[Hears]:
    for at in range(0, len(heard), _PROMPTS):
        yield Hears(hears=tuple(heard[at : at + _PROMPTS]))
