"""The texts of a hotline: one version for one content, whatever the layout; an edition reads like the files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from context_store.editions import Edition
from ivr.errors import FlowError
from ivr.hotline.reading import read_edition, read_settings_hotline, settings_files
from ivr.hotline.texts import edition_texts, gather_hotline
from tests.unit.publishing_house import FLOW, PROMPTS, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def version(desk: Desk) -> str:
    return read_settings_hotline(desk.settings)[0].version


def edition(desk: Desk) -> Edition:
    texts = gather_hotline(*settings_files(desk.settings))
    return Edition("hotline", version(desk), texts.files, 0.0, "ayse")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("flows/hotline.yaml", "flow: hotline\n", "# a remark\n\nflow:   'hotline'\n"),
        ("flows/hotline.yaml", "  bill: {flow: bill, next: person}", "  bill:\n    flow: bill\n    next: person"),
        ("flows/bill.yaml", "start: bill_told", "start: bill_told   # the first"),
        ("prompts/tr.yaml", "  main_menu: Menu tr.", "  main_menu: >\n    Menu\n    tr."),
        ("prompts/en.yaml", PROMPTS[:9], "\ufeff" + PROMPTS[:9] + "\n"),
    ],
)
def test_layout_does_not_count(desk: Desk, file: str, old: str, new: str) -> None:
    before = version(desk)
    desk.change(file, old, new)
    assert version(desk) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("flows/hotline.yaml", "timeout: 5s", "timeout: 6s"),
        ("flows/bill.yaml", "bill_told: {say: bill_told", "bill_told: {say: [bill_told, bill_told]"),
        ("prompts/tr.yaml", "Menu tr.", "Menü tr."),
        ("prompts/en.yaml", "Menu en.", "Menu, en."),
        ("prompts/en.yaml", "agents: Agents", "agents: People"),
    ],
)
def test_content_counts(desk: Desk, file: str, old: str, new: str) -> None:
    before = version(desk)
    desk.change(file, old, new)
    assert version(desk) != before


def test_the_place_of_the_files_does_not_count(tmp_path: Path) -> None:
    assert version(Desk(tmp_path / "one")) == version(Desk(tmp_path / "two"))


def test_a_flow_that_nothing_leads_to_is_not_part_of_it(desk: Desk) -> None:
    before = version(desk)
    desk.write("flows/draft.yaml", FLOW)
    assert version(desk) == before
    assert set(edition(desk).files) == {"flows/hotline.yaml", "flows/bill.yaml", "prompts/tr.yaml", "prompts/en.yaml"}


def test_an_edition_reads_like_the_files(desk: Desk) -> None:
    flow, book = read_settings_hotline(desk.settings)
    read, told = read_edition(edition(desk), desk.settings)
    assert read == flow
    assert read.subflows["bill"].version == flow.version
    assert told.text("main_menu", "tr", {}) == book.text("main_menu", "tr", {})
    assert told.labels == book.labels


def test_an_edition_keeps_its_own_version(desk: Desk) -> None:
    """Another Devam may work out another one; what is live, and what conversations say, is the publisher's."""
    read, _ = read_edition(replace(edition(desk), version="0123456789ab"), desk.settings)
    assert (read.version, read.subflows["bill"].version) == ("0123456789ab", "0123456789ab")


def test_an_edition_names_its_files_in_mistakes(desk: Desk) -> None:
    broken = {**edition(desk).files, "flows/bill.yaml": "flow: bill\nlanguages: [tr]\nstart: x\nnodes: {}\n"}
    with pytest.raises(FlowError, match=r"flows/bill\.yaml:4:1"):
        read_edition(replace(edition(desk), files=broken), desk.settings)


def test_a_queue_that_this_controller_does_not_have(desk: Desk) -> None:
    one = edition(desk)
    desk.change("devam.toml", "[asterisk]", '[controller]\nqueue = "others"\n[[queues]]\nname = "others"\n[asterisk]')
    with pytest.raises(FlowError, match="agents"):
        read_edition(one, desk.settings)


def test_a_recording_of_another_edition_is_not_used(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    one = edition(desk)
    (desk.folder / "prompts" / "recordings" / "tr").mkdir(parents=True)
    desk.write("prompts/recordings/tr/gone_prompt.wav", "no sound")
    _, book = read_edition(one, desk.settings)
    assert book.recordings("tr").whole == {}
    assert "there is no prompt 'gone_prompt'" in caplog.text
    with pytest.raises(FlowError):
        read_settings_hotline(desk.settings)


@pytest.mark.parametrize("name", ["../../etc/passwd", "flows/../x.yaml", "recordings/tr/x.wav", "flows/a b.yaml", ""])
def test_files_that_are_none_of_a_hotline(desk: Desk, name: str) -> None:
    with pytest.raises(FlowError, match="is not a file of a hotline"):
        edition_texts(replace(edition(desk), files={name: "x"}))


def test_an_edition_without_its_main_flow(desk: Desk) -> None:
    with pytest.raises(FlowError, match=r"flows/other\.yaml: is missing"):
        edition_texts(replace(edition(desk), hotline="other"))


def test_flow_and_prompts_that_cannot_be_read_are_told_together(desk: Desk) -> None:
    (desk.folder / "flows" / "hotline.yaml").unlink()
    (desk.folder / "prompts" / "tr.yaml").write_bytes(b"\xff")
    with pytest.raises(FlowError) as told:
        read_settings_hotline(desk.settings)
    assert {Path(problem.file).name for problem in told.value.problems} == {"hotline.yaml", "tr.yaml"}
