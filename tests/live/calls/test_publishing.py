"""Publishing while calls run: who is on the line keeps the edition, who calls next has the new one.

In a sandbox of its own: what is published stays in its Redis.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from ivr.sandbox.components import Components
from ivr.sandbox.hotline import Hotline
from ivr.sandbox.sandbox import Sandbox
from tests.live.calls.operations import TESTS, Operations
from tests.live.calls.product import running_product
from tests.live.calls.visit import Dial
from tests.live.conftest import RING, running
from tests.virtual_time import until

CALLER = "05551112233"


@pytest.fixture(scope="module")
def sandbox(components: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(Sandbox(components, tmp_path_factory.mktemp("sandbox"), ring=RING))


@pytest.fixture(scope="module")
def operations(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Operations:
    made = Operations(tmp_path_factory.mktemp("operations"), sandbox)
    made.write(new=False)
    return made


@pytest.fixture(scope="module")
def product(sandbox: Sandbox, operations: Operations) -> Iterator[Hotline]:
    yield from running_product(Hotline(sandbox, operations.environment), sandbox)


@pytest.fixture
async def published(product: Hotline, operations: Operations) -> str:
    """The old edition is live, and the files are the new one; the version that is live."""
    operations.write(new=False)
    await operations.ivr("publish", "--no-tests", "--note", "as it was", "--by", "ayse")
    operations.write(new=True)
    versions = await operations.ivr("versions", "--last", "1")
    return versions.split("live", 1)[1].split()[0]


@pytest.fixture
async def restarted(product: Hotline, operations: Operations, published: str) -> None:
    """The controller began after something was published, with files that cannot be read."""
    (operations.folder / "flows" / "hotline.yaml").write_text("flow: [", encoding="utf-8")
    await product.controller.stop()
    await product.controller.start()


@pytest.fixture
async def restarted_without_redis(sandbox: Sandbox, product: Hotline, operations: Operations) -> AsyncIterator[None]:
    """The controller began with the old files, and Redis is away; it has forgotten everything when it is back."""
    operations.write(new=False)
    await product.controller.stop()
    await sandbox.redis.stop()
    await product.controller.start()
    yield
    if not sandbox.redis.running:
        await sandbox.redis.start()


async def test_the_next_call_has_the_new_edition_and_the_call_under_way_its_own(
    operations: Operations, published: str, dial: Dial
) -> None:
    under_way = await dial(CALLER)
    await under_way.hears("first_menu")
    await operations.ivr("publish", "--tests", "tests", "--by", "ayse", "--note", "new menu")
    after = await dial("05551112244")
    await after.hears("second_menu")
    await under_way.presses("1")
    await under_way.hears("old_way")
    await under_way.hears("goodbye")
    await after.presses("1")
    await after.hears("new_way")
    await after.hangs_up()


async def test_back_in_a_second(operations: Operations, published: str, dial: Dial) -> None:
    await operations.ivr("publish", "--tests", "tests")
    on_new = await dial(CALLER)
    await on_new.hears("second_menu")
    await operations.ivr("rollback", "--by", "mehmet", "--note", "callers got lost")
    on_old = await dial("05551112244")
    await on_old.hears("first_menu")
    await on_new.presses("1")
    await on_new.hears("new_way")
    await on_old.hangs_up()
    told = await operations.ivr("versions", "--last", "1")
    assert published in told
    assert "mehmet" in told
    assert "rolled back" in told


async def test_a_broken_flow_is_refused_and_nothing_changes(operations: Operations, published: str, dial: Dial) -> None:
    file = operations.folder / "flows" / "hotline.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("next: new_way", "next: nowhere"), encoding="utf-8")
    said = await operations.ivr("publish", "--no-tests", "--note", "in a hurry", status=1)
    assert "there is no node 'nowhere'" in said
    operations.write(new=True)
    tests = operations.folder / "failing.yaml"
    tests.write_text(TESTS.replace("second_menu", "first_menu"), encoding="utf-8")
    said = await operations.ivr("publish", "--tests", "failing.yaml", status=1)
    assert "1 of 1 flow tests failed; nothing was published" in said
    assert published in await operations.ivr("versions", "--last", "1")
    call = await dial(CALLER)
    await call.hears("first_menu")
    await call.hangs_up()


async def test_what_differs_is_told_in_nodes_and_prompts(operations: Operations, published: str) -> None:
    said = await operations.ivr("diff")
    assert f"from {published} (live) to the files" in said
    assert "- first_menu menu" in said
    assert "+ second_menu menu" in said
    assert "otherwise → second_menu, was first_menu" in said
    assert "nothing differs" in await operations.ivr("diff", "live", published[:6])


async def test_an_announcement_is_heard_by_the_next_call_until_it_is_taken_back(
    operations: Operations, published: str, dial: Dial
) -> None:
    before = await dial(CALLER)
    await before.hears("first_menu")
    await operations.ivr("announce", "Ankara'da kesinti var.", "--en", "There is an outage in Ankara.", "--for", "1h")
    call = await dial("05551112244")
    heard = await call.hears("emergency")
    assert heard.message["data"]["text"] == "Ankara'da kesinti var."
    assert "There is an outage in Ankara." in await operations.ivr("announce")
    await operations.ivr("announce", "--off")
    after = await dial("05551112255")
    first = await after.note("spoken")
    assert first["prompts"] == ["first_menu"]
    for visit in (before, call, after):
        await visit.hangs_up()


async def test_who_calls_again_goes_on_in_the_new_edition(operations: Operations, published: str, dial: Dial) -> None:
    operations.write_errand(renamed=False)
    await operations.ivr("publish", "--no-tests", "--note", "an errand")
    amid_one, amid_the_next = await dial(CALLER), await dial("05551112244")
    for call in (amid_one, amid_the_next):
        await call.hears("first")
        await call.presses("7")
        await call.hears("second")
    await amid_the_next.presses("8")
    await amid_the_next.hears("third")
    for call in (amid_one, amid_the_next):
        await call.hangs_up()
        await call.note("hung_up")
    operations.write_errand(renamed=True)
    await operations.ivr("publish", "--no-tests", "--note", "a node renamed")
    for number, place in ((CALLER, "first"), ("05551112244", "third")):
        again = await dial(number)
        assert await again.hears_next() == ["errand_left", "left_off"]
        await again.presses("1")
        assert await again.hears_next() == [place], "the same node, or the nearest question before it"
        given = {one["question"]: one["value"] for one in (await again.story())["given"]}
        assert given["first"] == "7"
        await again.hangs_up()
    (operations.folder / "flows" / "errand.yaml").unlink()


async def test_doctor_knows_what_is_live(operations: Operations, published: str) -> None:
    assert f"edition {published} is live, published by ayse" in await operations.ivr("doctor", status=0)


async def test_a_controller_that_starts_serves_what_is_published_whatever_its_files_say(
    published: str, restarted: None, dial: Dial
) -> None:
    call = await dial(CALLER)
    await call.hears("first_menu")
    await call.hangs_up()


async def test_without_redis_a_controller_serves_the_files_and_later_what_is_published(
    operations: Operations, sandbox: Sandbox, restarted_without_redis: None, dial: Dial
) -> None:
    call = await dial(CALLER)
    await call.hears("first_menu")
    await call.hangs_up()
    operations.write(new=True)
    refused = await operations.ivr("publish", "--tests", "tests", status=1)
    assert "cannot be reached" in refused
    await sandbox.redis.start()
    await operations.ivr("publish", "--tests", "tests")
    log = sandbox.folder / "controller.log"
    await until(lambda: "the library answers again" in log.read_text(encoding="utf-8"))
    after = await dial("05551112244")
    await after.hears("second_menu")
    await after.hangs_up()
