"""Hotlines of several flows: which files are read, what becomes of them, what their version is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.errors import FlowError
from ivr.flow.model import Flow
from ivr.flow.reading.check import check_flows
from ivr.flow.reading.loader import parse_flows, read_flow
from ivr.flow.reading.texts import FLOWS_LIMIT, FlowTexts, gather, single
from ivr.flow.reading.version import content_version, with_version
from tests.unit.flow_house import BOOK, GOOD, GOOD_FILES, SERVICES


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "hotline.yaml"


def empty(name: str, *subflows: str) -> str:
    """A flow that does nothing but go through others."""
    steps = [*(f"  {name}_{number}: {{flow: {sub}, next: {name}_{number + 1}}}" for number, sub in enumerate(subflows))]
    end = f"  {name}_{len(subflows)}: " + ("{end: goodbye}" if name == "hotline" else "{return: {}}")
    return "\n".join([f"flow: {name}", "languages: [tr]", f"start: {name}_0", "nodes:", *steps, end, ""])


def test_a_good_hotline_of_two_flows_has_no_problem(tmp_path: Path) -> None:
    flow, problems = check_flows(gather(put(tmp_path, GOOD_FILES)), BOOK, SERVICES)
    assert problems == []
    assert flow is not None
    assert flow.named("payment") is flow.subflows["payment"]
    assert flow.named("hotline") is flow


def test_every_flow_that_is_led_to_is_read_once(tmp_path: Path) -> None:
    files = {
        "hotline": empty("hotline", "a", "b", "a"),
        "a": empty("a", "b", "c"),
        "b": empty("b"),
        "c": empty("c"),
        "unused": empty("unused"),
    }
    texts = gather(put(tmp_path, files))
    assert texts.main == "hotline"
    assert texts.texts.keys() == {"hotline", "a", "b", "c"}
    assert texts.folder == str(tmp_path)
    flow = parse_flows(texts)
    assert flow.subflows.keys() == {"a", "b", "c"}
    assert len({flow.version, *(sub.version for sub in flow.subflows.values())}) == 1


def test_the_version_is_that_of_all_flows_that_count(tmp_path: Path) -> None:
    texts = gather(put(tmp_path, GOOD_FILES))
    version = parse_flows(texts).version
    more = {**texts.texts, "unused": empty("unused")}
    assert parse_flows(replace(texts, texts=more, folder="elsewhere")).version == version
    assert parse_flows(replace(texts, texts={name: f"# x\n{text}" for name, text in more.items()})).version == version
    changed = {**texts.texts, "payment": texts.texts["payment"].replace("paid: done", "paid: paid")}
    assert parse_flows(replace(texts, texts=changed)).version != version


def test_a_version_is_of_content_and_not_of_order() -> None:
    assert content_version({"a": 1, "b": {"c": [1, 2]}}) == content_version({"b": {"c": [1, 2]}, "a": 1})
    assert content_version({"a": [1, 2]}) != content_version({"a": [2, 1]})
    assert content_version({"a": 1}) != content_version({"a": "1"})


def test_the_order_of_opening_hours_counts() -> None:
    """The last line that names a day wins, so another order may be another hotline."""
    week, friday = "mon-fri: 08:00-20:00", "fri: 09:00-12:00"
    written = [f"hours: {{shop: {{days: {{{days}}}}}}}\n{GOOD}" for days in (f"{week}, {friday}", f"{friday}, {week}")]
    assert len({parse_flows(single(text, "x.yaml")).version for text in written}) == 2


def test_a_version_is_given_to_all_flows(tmp_path: Path) -> None:
    flow = with_version(read_flow(put(tmp_path, GOOD_FILES)), "abc")
    assert isinstance(flow, Flow)
    assert [flow.version, flow.subflows["payment"].version] == ["abc", "abc"]


def test_files_that_cannot_be_read_are_told_together(tmp_path: Path) -> None:
    main = put(tmp_path, {"hotline": empty("hotline", "a", "b")})
    (tmp_path / "a.yaml").write_bytes(b"\xff")
    (tmp_path / "b.yaml").mkdir()
    with pytest.raises(FlowError) as caught:
        gather(main)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.yaml", "b.yaml"]
    assert {problem.rule for problem in caught.value.problems} == {"files"}


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "a" * 65, "Ä", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "flows"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text(empty("secret"), encoding="utf-8")
    texts = gather(put(folder, {"hotline": empty("hotline", "a").replace("flow: a,", f"flow: {name!r},")}))
    assert texts.texts.keys() == {"hotline"}
    with pytest.raises(FlowError, match=r"hotline\.yaml"):
        parse_flows(texts)


def test_there_is_a_limit(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(FLOWS_LIMIT)]
    files = {"hotline": empty("hotline", *names), **{name: empty(name) for name in names}}
    with pytest.raises(FlowError, match="more than 100 flows"):
        gather(put(tmp_path, files))
    files["hotline"] = empty("hotline", *names[1:])
    assert len(read_flow(put(tmp_path, files)).subflows) == FLOWS_LIMIT - 1


def test_a_long_way_down_and_round_is_told() -> None:
    names = ["hotline", *(f"f{number}" for number in range(90))]
    texts = {name: empty(name, below) for name, below in zip(names, [*names[1:], "hotline"], strict=True)}
    with pytest.raises(FlowError, match="leads into itself: hotline → f0 → "):
        parse_flows(FlowTexts("hotline", texts))


def test_a_flow_may_be_used_in_two_places_and_ways(tmp_path: Path) -> None:
    files = {"hotline": empty("hotline", "a", "b"), "a": empty("a", "c"), "b": empty("b", "c"), "c": empty("c")}
    assert read_flow(put(tmp_path, files)).subflows.keys() == {"a", "b", "c"}


def test_flows_that_are_used_again_and_again_are_checked_once_each() -> None:
    """Thirty flows that each lead to the next one three times: 3**30 ways, if each were followed."""
    names = [f"f{number}" for number in range(30)]
    texts = {name: empty(name, below, below, below) for name, below in pairwise(names)}
    texts |= {"hotline": empty("hotline", "f0").replace("nodes:", "on_hangup: hotline_0\nnodes:"), "f29": empty("f29")}
    _, problems = check_flows(FlowTexts("hotline", texts), BOOK, SERVICES)
    assert problems == []


def test_a_subflow_called_like_the_main_flow_is_told() -> None:
    texts = {"file": empty("hotline", "hotline"), "hotline": empty("hotline").replace("hotline_0", "x")}
    with pytest.raises(FlowError, match="main flow is called 'hotline', too"):
        parse_flows(FlowTexts("file", texts))


def test_messages_name_the_file_that_is_wrong() -> None:
    texts = FlowTexts("hotline", {"hotline": empty("hotline", "a"), "a": empty("a").replace("tr", "[")}, "flows")
    with pytest.raises(FlowError) as caught:
        parse_flows(texts)
    assert [problem.file for problem in caught.value.problems] == ["flows/a.yaml"]


def test_a_missing_text_is_told_once_for_all_flows() -> None:
    files = {"hotline": empty("hotline", "a", "b"), "a": empty("a", "b"), "b": empty("b")}
    book = replace(BOOK, labels={})
    _, problems = check_flows(FlowTexts("hotline", files), book, SERVICES)
    assert [(problem.file, problem.what) for problem in problems] == [
        ("hotline.yaml", "the label 'agents' is missing in tr"),
        ("hotline.yaml", "the label 'flow_failed' is missing in tr"),
    ]
