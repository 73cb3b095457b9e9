"""Publishing, rolling back, naming versions: what goes live, what is refused, what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from context_store.editions import Publication
from context_store.errors import AnotherIsLive
from ivr.errors import FlowError, SettingsError
from ivr.publishing.deeds import list_versions
from ivr.publishing.publisher import Candidate, Signature, candidate, publish, roll_back
from ivr.publishing.versions import before_live, live, named, side
from tests.unit.publishing_house import Desk

AYSE = Signature("ayse")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def change(desk: Desk, number: int) -> None:
    """Another version."""
    desk.write("prompts/en.yaml", (desk.folder / "prompts/tr.yaml").read_text().replace("Menu tr", f"Menu {number}"))


def history(*went_live: str) -> tuple[Publication, ...]:
    """From words such as "A B back:A", the oldest first."""
    before, publications = "", []
    for number, word in enumerate(went_live):
        version = word.removeprefix("back:")
        deed = Publication(version, before, float(number), "ayse")
        publications.append(replace(deed, deed="rolled_back") if word != version else deed)
        before = version
    return tuple(reversed(publications))


async def test_the_files_go_live_with_who_and_why(desk: Desk) -> None:
    version = await desk.publish("first")
    assert version == candidate(desk.settings).version
    (one,) = await desk.library.history("hotline")
    assert (one.version, one.before, one.by, one.note, one.deed) == (version, "", "ayse", "first", "published")
    edition = await desk.library.edition("hotline", version)
    assert edition is not None
    assert edition.files["flows/bill.yaml"] == (desk.folder / "flows/bill.yaml").read_text()
    said = desk.said()
    assert "4 files, no mistakes" in said
    assert f"{version} for new calls" in said


async def test_what_is_live_already_is_not_published_again(desk: Desk) -> None:
    await desk.publish()
    desk.said()
    await desk.publish()
    assert len(await desk.library.history("hotline")) == 1
    assert "is live already" in desk.said()


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("flows/hotline.yaml", "next: bill}", "next: bil}", "did you mean 'bill'"),
        ("flows/bill.yaml", "say: bill_told", "say: bill_tolld", "bill_tolld"),
        ("flows/hotline.yaml", "transfer: agents", "transfer: vip", "vip"),
        ("prompts/en.yaml", "Menu en.", "Menu {{ nothing", "main_menu"),
    ],
)
async def test_a_broken_hotline_never_goes_live(desk: Desk, file: str, old: str, new: str, told: str) -> None:
    before = await desk.publish()
    desk.change(file, old, new)
    with pytest.raises(FlowError, match=told):
        await desk.publish()
    assert await desk.live() == before
    assert len(await desk.library.history("hotline")) == 1


async def test_what_a_test_refuses_does_not_go_live(desk: Desk) -> None:
    def refuse(new: Candidate) -> None:
        raise SettingsError("3 of 4 flow tests failed")

    with pytest.raises(SettingsError, match="3 of 4"):
        await desk.publish(test=refuse)
    assert await desk.live() == ""


async def test_what_was_checked_goes_live_though_the_files_change_meanwhile(desk: Desk) -> None:
    def slip_in(new: Candidate) -> None:
        desk.change("flows/hotline.yaml", "next: bill}", "next: nowhere}")

    version = await desk.publish(test=slip_in)
    edition = await desk.library.edition("hotline", version)
    assert edition is not None
    assert "nowhere" not in edition.files["flows/hotline.yaml"]


async def test_who_was_overtaken_while_testing_is_told(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path / "other", desk.library)
    change(other, 1)
    await desk.publish()
    change(desk, 2)
    overtaken = candidate(desk.settings)
    theirs = await other.publish()
    seen = (await desk.library.history("hotline"))[1].version
    with pytest.raises(AnotherIsLive, match="somebody else has published") as refused:
        await publish(desk.library, "hotline", overtaken, seen, AYSE)
    assert "`ivr diff`" in str(refused.value)
    assert await desk.live() == theirs


async def test_what_changes_is_told_before_it_goes_live(desk: Desk) -> None:
    await desk.publish()
    change(desk, 1)
    desk.said()
    await desk.publish()
    assert "prompts changed since" in desk.said()


async def test_what_another_devam_published_can_be_replaced(desk: Desk) -> None:
    await desk.publish()
    desk.library._kept["hotline"].editions = dict.fromkeys(desk.library._kept["hotline"].editions, b'{"v":99}')
    change(desk, 1)
    version = await desk.publish()
    assert await desk.live() == version
    assert "another version of Devam" in desk.said()


async def test_back_to_the_one_before(desk: Desk) -> None:
    first = await desk.publish()
    change(desk, 1)
    second = await desk.publish()
    done = await roll_back(desk.library, desk.settings, None, Signature("mehmet", "callers got lost"))
    assert (done.version, done.before, done.deed, done.by) == (first, second, "rolled_back", "mehmet")
    assert await desk.live() == first
    assert (await desk.library.history("hotline"))[0] == done


async def test_back_to_a_named_one_and_forward_again(desk: Desk) -> None:
    versions = []
    for number in range(3):
        change(desk, number)
        versions.append(await desk.publish())
    await roll_back(desk.library, desk.settings, versions[0][:6], AYSE)
    assert await desk.live() == versions[0]
    await roll_back(desk.library, desk.settings, versions[2], AYSE)
    assert await desk.live() == versions[2]


async def test_back_to_what_was_live_before_by_that_word(desk: Desk) -> None:
    first = await desk.publish()
    change(desk, 1)
    await desk.publish()
    await roll_back(desk.library, desk.settings, "before", AYSE)
    assert await desk.live() == first
    with pytest.raises(SettingsError, match="is live already"):
        await roll_back(desk.library, desk.settings, "live", AYSE)
    with pytest.raises(SettingsError, match="`ivr publish` makes them live"):
        await roll_back(desk.library, desk.settings, "files", AYSE)


async def test_back_to_what_cannot_be_served_any_more(desk: Desk) -> None:
    first = await desk.publish()
    change(desk, 1)
    second = await desk.publish()
    kept = desk.library._kept["hotline"].editions
    kept[first] = kept[first].replace(b"transfer: agents", b"transfer: nobody")
    with pytest.raises(SettingsError, match="cannot be served with this version") as refused:
        await roll_back(desk.library, desk.settings, None, AYSE)
    assert "nobody" in str(refused.value)
    assert await desk.live() == second


async def test_back_to_what_is_live(desk: Desk) -> None:
    version = await desk.publish()
    with pytest.raises(SettingsError, match="is live already"):
        await roll_back(desk.library, desk.settings, version, AYSE)


async def test_back_to_texts_that_are_lost(desk: Desk) -> None:
    first = await desk.publish()
    change(desk, 1)
    await desk.publish()
    del desk.library._kept["hotline"].editions[first]
    with pytest.raises(SettingsError, match="the store has lost"):
        await roll_back(desk.library, desk.settings, None, AYSE)


@pytest.mark.parametrize(
    ("went_live", "before"),
    [
        ("A B", "A"),
        ("A B C", "B"),
        ("A B back:A C", "A"),
        ("A B C back:B", "A"),
        ("A B C back:B back:A C", "A"),
        ("A B C back:A back:C", "A"),
        ("A B A B", "A"),
    ],
)
def test_what_was_live_before(went_live: str, before: str) -> None:
    assert before_live(history(*went_live.split())) == before


@pytest.mark.parametrize("went_live", ["", "A", "A B back:A"])
def test_when_nothing_was_live_before(went_live: str) -> None:
    with pytest.raises(SettingsError, match="nothing"):
        before_live(history(*went_live.split()))


def test_versions_go_by_their_first_digits() -> None:
    published = history("abcd11111111", "abcd22222222", "ef0123456789", "abcd11111111")
    assert live(published) == "abcd11111111"
    assert named("abcd1", published) == "abcd11111111"
    assert named("EF01", published) == "ef0123456789"
    with pytest.raises(SettingsError, match="may be abcd11111111, abcd22222222"):
        named("abcd", published)
    for wrong in ("ef0", "1234", "", "zzzz", "../..", "abcd11111111x"):
        with pytest.raises(SettingsError, match="is no version"):
            named(wrong, published)


async def test_sides_of_a_comparison(desk: Desk) -> None:
    first = await desk.publish()
    change(desk, 1)
    second = await desk.publish()
    change(desk, 2)
    named_so = {word: await side(word, desk.settings, desk.library) for word in ("live", "before", "files", first[:5])}
    assert {word: one.name for word, one in named_so.items()} == {
        "live": f"{second} (live)",
        "before": f"{first} (before)",
        "files": "the files",
        first[:5]: first,
    }
    assert "Menu 1" in named_so["live"].texts.prompts.texts["en"]
    assert "Menu 2" in named_so["files"].texts.prompts.texts["en"]


async def test_sides_before_anything_is_published(desk: Desk) -> None:
    for word in ("live", "before"):
        with pytest.raises(SettingsError, match="nothing is published yet"):
            await side(word, desk.settings, desk.library)


async def test_versions_are_listed_and_the_files_compared(desk: Desk) -> None:
    await list_versions(desk.settings, desk.library, 20, desk.console)
    assert "nothing is published" in desk.said()
    first = await desk.publish("winter [menu]")
    desk.said()
    await list_versions(desk.settings, desk.library, 20, desk.console)
    said = desk.said()
    assert "winter [menu]" in said
    assert "the files are what is live" in said
    change(desk, 1)
    second = await desk.publish()
    await roll_back(desk.library, desk.settings, None, AYSE)
    desk.said()
    await list_versions(desk.settings, desk.library, 2, desk.console)
    rows = [line.split() for line in desk.said().splitlines() if line]
    assert (rows[1][:2], rows[1][-2:]) == (["live", first], ["rolled", "back"])
    assert rows[2][0] == second
    assert "and 1 before" in " ".join(rows[3])
    assert f"another version, {second}" in " ".join(rows[4])
    desk.write("flows/hotline.yaml", "flow: [")
    await list_versions(desk.settings, desk.library, 20, desk.console)
    assert "the files have mistakes" in desk.said()


@pytest.mark.parametrize(
    ("by", "note"), [("", ""), (" ", ""), ("a" * 65, ""), ("a\nb", ""), ("a", "x" * 501), ("a", "\x1b[2J")]
)
def test_who_and_why_must_be_a_line(by: str, note: str) -> None:
    with pytest.raises(SettingsError, match=r"--(by|note) must be"):
        Signature(by, note)
