"""Real calls whose controller is killed, paused or away for good, with callers amid everything."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from context_store.records import NoteKind, new_id
from context_store.redis_store import RedisStore
from ivr import parts
from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.phones import Network, Ring
from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.watching import agent_page
from ivr.services.backoffice import sample
from tests.faults.company import tickets
from tests.live.calls import amid
from tests.live.calls.controllers import Controllers, controllers, send
from tests.live.calls.flows import LATER, never, write_flows
from tests.live.calls.test_menus import loudness
from tests.live.calls.visit import Pages, Visit, pop, rings
from tests.live.conftest import RING, running
from tests.virtual_time import until

SOON = 6.0  # seconds; 2 are promised, but machines that run tests are as fast as they are
ABANDONED = 5  # seconds
PAUSE = 6.0  # seconds that a controller sleeps
PATIENCE, LOOK_EVERY = 30.0, 0.1  # seconds
HEARING = 0.7  # seconds of sound that are listened to

AT_LEISURE = (
    amid.a_menu,
    amid.half_a_number,
    amid.a_value_that_is_read_back,
    amid.the_question_for_a_line,
    amid.the_question_for_a_pin,
    amid.the_choice_of_a_line,
    amid.a_call_back,
    amid.an_offer_to_go_on,
)
AT_THE_LAST_MOMENT = (amid.last_words, amid.the_welcome, amid.a_pin_being_checked, amid.a_ticket_being_opened)


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


@pytest.fixture
async def backoffice(sandbox: Sandbox) -> AsyncIterator[Daemon]:
    """The company, with fresh books."""
    for file in sandbox.folder.glob("backoffice.db*"):
        file.unlink()
    daemon = Hotline(sandbox).backoffice
    await daemon.start()
    yield daemon
    await daemon.stop()


@pytest.fixture
async def two(sandbox: Sandbox, backoffice: Daemon, tmp_path: Path) -> AsyncIterator[Controllers]:
    """Two controllers, of which none runs as yet, and one whose callers are soon left to people when it has died."""
    usual = {
        "DEVAM_PATHS__FLOWS": str(write_flows(tmp_path / "flows", LATER, never())),
        "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
        "DEVAM_LOG__LEVEL": "DEBUG",
    }
    brief = {**usual, "DEVAM_ASTERISK__ABANDONED_SECONDS": str(ABANDONED)}
    async with controllers(sandbox, {"one": usual, "two": usual, "brief": brief}) as made:
        yield made


@pytest.fixture
async def store(sandbox: Sandbox) -> AsyncIterator[RedisStore]:
    """The conversations, past all controllers."""
    made = parts.make_store(sandbox.settings)
    yield made
    await made.aclose()


@asynccontextmanager
async def agents_of(sandbox: Sandbox, two: Controllers, name: str) -> AsyncIterator[Pages]:
    """The agents' pages at that controller."""
    async with AsyncExitStack() as stack:
        yield {
            agent.phone: await stack.enter_async_context(agent_page(two[name].web, agent))
            for agent in sandbox.settings.agents
        }


@contextmanager
def paused(daemon: Daemon) -> Iterator[None]:
    send(daemon, signal.SIGSTOP)
    try:
        yield
    finally:
        send(daemon, signal.SIGCONT)


def heard(call: Visit, two: Controllers, since: float) -> list[str]:
    """The prompts of a call from then on."""
    return [
        prompt
        for seen in two.live.seen
        if seen.message["call"] == call.call and seen.message["kind"] == "spoken" and seen.message["at"] > since
        for prompt in seen.message["data"]["prompts"]
    ]


async def with_people(calling: amid.Calling, network: Network, customer: sample.SampleCustomer) -> tuple[Visit, str]:
    """Somebody of whose line an outage is told is put through to the faults desk; and the phone that rings."""
    call = await calling(customer.main)
    await call.hears("outage")
    await call.presses("0")
    await call.note("transferred", queue="faults")
    ring = await rings(network)
    assert ring.conversation == call.conversation
    if customer is sample.MUSTAFA:
        await network.answer(ring)
    return call, ring.phone


async def test_whoever_is_amid_anything_goes_on_there_with_another_controller(
    sandbox: Sandbox, backoffice: Daemon, two: Controllers, network: Network
) -> None:
    await two.start("one")
    calling = partial(two.dial, network, to="one")
    talking, busy = await with_people(calling, network, sample.MUSTAFA)
    waiting, _ = await with_people(calling, network, sample.FATMA)
    callers = {tell.__name__: tell(calling) for tell in (*AT_LEISURE, *AT_THE_LAST_MOMENT)}
    brought = dict(zip(callers, await asyncio.gather(*map(anext, callers.values())), strict=True))
    await two.start("two")
    async with agents_of(sandbox, two, "two") as pages:
        with paused(backoffice):
            late = [name for name, (_, prompt) in brought.items() if not prompt]
            brought |= dict(zip(late, await asyncio.gather(*(anext(callers[name]) for name in late)), strict=True))
            places = {name: (call, prompt) for name, (call, prompt) in brought.items() if call}
            killed = two.kill("one")
            await asyncio.gather(*(call.note("taken_over", controller="two") for call, _ in places.values()))
        again = await asyncio.gather(*(call.hears(prompt) for call, prompt in places.values()))
        took = {name: seen.message["at"] - killed for name, seen in zip(places, again, strict=True)}
        print(*(f"{name}: {seconds:.2f} s" for name, seconds in took.items()), sep="\n")
        assert max(took.values()) < SOON
        for name, (call, prompt) in places.items():
            assert heard(call, two, killed)[-1] == prompt, name
        await is_heard(places["a_menu"][0], sandbox)
        await asyncio.gather(*(anext(caller, None) for caller in callers.values()))

        await pop(pages[busy], talking.conversation, "answered")
        await talking.hangs_up()
        await pop(pages[busy], talking.conversation, "ended")
        await asyncio.gather(*(call.hangs_up() for call, _ in places.values()))
        ring = await rings_for(waiting, network)
        await network.answer(ring)
        await pop(pages[ring.phone], waiting.conversation, "answered")
        await waiting.hangs_up()

    opened = {customer.line.number: 1 for customer in (sample.GULSEN, sample.AYSE, sample.ELIF, sample.HATICE)}
    books = tickets(sandbox.folder / "backoffice.db")
    assert {line: books[line] for line in opened} == opened
    story = await places["a_ticket_being_opened"][0].story(two["two"].web)
    assert {given["question"]: given["value"] for given in story["given"]}["symptom"] == "slow"


async def test_a_controller_that_starts_again_goes_on_with_its_calls(
    backoffice: Daemon, two: Controllers, network: Network, store: RedisStore
) -> None:
    await two.start("one")
    calling = partial(two.dial, network)
    callers = [tell(calling) for tell in (amid.a_menu, amid.half_a_number, amid.the_question_for_a_pin)]
    opening = amid.a_ticket_being_opened(calling)
    places = await asyncio.gather(*map(anext, callers), anext(opening))
    with paused(backoffice):
        places[-1] = await anext(opening)
        two.kill("one")
    restarted = time.time()
    await two.start("one")
    took = [await told_again(store, call, prompt, restarted) for call, prompt in places if call]
    print(*(f"{prompt}: {seconds:.2f} s" for (_, prompt), seconds in zip(places, took, strict=True)), sep="\n")
    await asyncio.gather(*(anext(caller, None) for caller in callers))


async def test_who_is_looked_after_by_nobody_goes_to_people_with_the_conversation(
    backoffice: Daemon, two: Controllers, network: Network
) -> None:
    await two.start("brief")
    call, _ = await anext(amid.the_question_for_a_line(partial(two.dial, network)))
    assert call
    killed = two.kill("brief")
    ring = await rings(network, within=ABANDONED + PATIENCE)
    print(f"rings after {ring.rang_at - killed:.1f} s")
    assert ring.conversation == call.conversation


async def test_a_controller_that_was_paused_touches_no_call_that_another_has(
    backoffice: Daemon, two: Controllers, network: Network
) -> None:
    await two.start("one")
    calling = partial(two.dial, network)
    callers = [tell(calling) for tell in (amid.a_menu, amid.half_a_number, amid.the_question_for_a_line)]
    places = {call: prompt for call, prompt in await asyncio.gather(*map(anext, callers)) if call}
    await two.start("two")
    with paused(two["one"].daemon):
        for call, prompt in places.items():
            await call.note("taken_over", controller="two")
            await call.hears(prompt)
        slept = len(two["one"].feed.seen)
        await asyncio.sleep(PAUSE)
    await until(lambda: "make sure that they are still ours" in two["one"].log())
    await asyncio.gather(*(anext(caller, None) for caller in callers))
    assert [seen.message for seen in two["one"].feed.seen[slept:]] == []
    assert await two.in_asterisk("one") == ()
    assert len(await two.in_asterisk("two")) == len(places)
    two.kill("two")
    await asyncio.gather(*(call.note("taken_over", controller="one") for call in places))


async def told_again(store: RedisStore, call: Visit, prompt: str, since: float) -> float:
    """Seconds until the call was taken over and this was said again, as its log tells."""
    async with asyncio.timeout(PATIENCE):
        while True:
            story = await store.story(call.conversation)
            notes = [note for note in story.notes if note.at > since] if story else []
            at = [note.at for note in notes if note.kind is NoteKind.SAID and prompt in note.data["prompts"]]
            if at:
                assert NoteKind.TAKEN_OVER in [note.kind for note in notes]
                return at[0] - since
            await asyncio.sleep(LOOK_EVERY)


async def rings_for(call: Visit, network: Network) -> Ring:
    """The phone that rings for a call; those that have rung before do not count."""
    while True:
        ring = await rings(network, within=30.0)
        if ring.conversation == call.conversation and not ring.ended.is_set():
            return ring


async def is_heard(call: Visit, sandbox: Sandbox) -> None:
    """Sound, not silence, comes to the caller's end."""
    name = f"taken-{new_id()}"
    await call.caller.record(name)
    await asyncio.sleep(HEARING)
    await call.caller.stop_recording(name)
    loud, _ = loudness(sandbox.recordings / f"{name}.wav")
    assert loud > 0.3, "less than a third of the time there was sound"
