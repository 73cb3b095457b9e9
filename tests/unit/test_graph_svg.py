"""The SVG: well-formed whatever the texts are, boxes apart, arrows where they belong, links that lead somewhere."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.model import KINDS, Flow
from ivr.flow.reading.loader import parse_flow, read_flow
from ivr.graph.drawing import draw
from ivr.graph.layout import PlacedArrow, PlacedBox, PlacedPanel, place
from ivr.graph.outlines import MEANINGS
from ivr.graph.picture import ANYTIME, BEGIN, Picture
from ivr.graph.sizes import PADDING, sized, text_width
from ivr.graph.svg import svg
from ivr.graph.svg_style import hue, style_sheet
from tests.unit.flow_house import GOOD
from tests.unit.flows_in_python import flow
from tests.unit.random_flows import random_flows
from tests.unit.test_graph_text import HOSTILE, picture_of

TOP = Path(__file__).parents[2]
HOTLINE = draw(read_flow(TOP / "dialplans/flows/hotline.yaml"), {}, "tr")
SMALL = draw(parse_flow(GOOD, "small.yaml"), {"main": "Press one."}, "en")
NAMESPACE = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "style", "defs", "marker", "g", "path", "rect", "text", "a", "use"}


def drawn(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(svg(picture, [place(panel) for panel in picture.panels]))


def texts(root: ElementTree.Element) -> set[str]:
    return {"".join(element.itertext()) for element in root.iter(f"{NAMESPACE}text")}


def check_well_formed(picture: Picture) -> ElementTree.Element:
    root = drawn(picture)
    assert {element.tag.removeprefix(NAMESPACE) for element in root.iter()} <= ELEMENTS
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {link.get("href", "").removeprefix("#") for link in root.iter(f"{NAMESPACE}a")} <= set(ids)
    return root


@pytest.mark.parametrize("words", HOSTILE)
def test_texts_stay_texts(words: str) -> None:
    assert words in texts(check_well_formed(picture_of(words)))


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=40))
def test_any_text_can_be_drawn(words: str) -> None:
    check_well_formed(picture_of(words))


@settings(deadline=None, max_examples=40)
@given(random_flows())
def test_any_hotline_can_be_drawn(hotline: Flow) -> None:
    check_well_formed(draw(hotline, {}, "tr"))


def test_the_version_is_told() -> None:
    root = check_well_formed(HOTLINE)
    assert root.get("data-version") == HOTLINE.version
    assert f"version {HOTLINE.version}, prompts in tr" in texts(root)


def test_every_node_of_the_sample_hotline_is_shown() -> None:
    shown = texts(check_well_formed(HOTLINE))
    assert {box.title for panel in HOTLINE.panels for box in panel.boxes} <= shown


def test_keys_conditions_and_jumps_are_shown() -> None:
    shown = texts(check_well_formed(SMALL))
    assert {"1 fault", "status.state ==", "'down'", "→ to_agent", "↻ here again", "asks ticket.open"} <= shown


def test_the_legend_tells_what_is_there_and_no_more() -> None:
    shown = texts(drawn(SMALL))
    assert {f"{kind}: {MEANINGS[kind]}" for kind in SMALL.kinds} <= shown
    assert not any(text.startswith("callback: ") for text in shown)


def test_a_hotline_of_several_flows_has_an_index() -> None:
    inner = flow({"back": {"return": {}}}, flow="bill", return_only=True)
    root = check_well_formed(draw(flow({"visit": {"flow": "bill", "next": "bye"}}, inner), {}, "tr"))
    links = [link.get("href") for link in root.iter(f"{NAMESPACE}a")]
    assert links == ["#flow-test", "#flow-bill", "#flow-bill"]  # the index, and the subflow's box


PLACED = [place(panel) for panel in (*HOTLINE.panels, *SMALL.panels)]


@pytest.mark.parametrize("panel", PLACED, ids=lambda panel: panel.panel.flow)
def test_boxes_do_not_overlap_and_lie_on_the_page(panel: PlacedPanel) -> None:
    for one in panel.boxes:
        assert round(one.x) >= 0
        assert round(one.y) >= 0
        assert one.x + one.sized.width <= panel.width + 1
        assert one.y + one.sized.height <= panel.height + 1
    for one, other in combinations(panel.boxes, 2):
        beside = one.x + one.sized.width < other.x or other.x + other.sized.width < one.x
        above = one.y + one.sized.height < other.y or other.y + other.sized.height < one.y
        assert beside or above, (one.sized.box.key, other.sized.box.key)


def exit_span(source: PlacedBox, arrow: PlacedArrow) -> tuple[float, float]:
    """From where to where the exit's tab reaches; the whole box where the exit has none."""
    left = source.x
    for tab in source.sized.tabs:
        if tab.exit == arrow.exit:
            return left, left + tab.width
        left += tab.width
    return source.x, source.x + source.sized.width


@pytest.mark.parametrize("panel", PLACED, ids=lambda panel: panel.panel.flow)
def test_arrows_go_from_their_tab_to_the_top_of_their_box(panel: PlacedPanel) -> None:
    boxes = {one.sized.box.key: one for one in panel.boxes}
    assert panel.arrows
    for arrow in panel.arrows:
        source, target = boxes[arrow.source], boxes[arrow.exit.target]
        left, right = exit_span(source, arrow)
        x, y = arrow.points[0]
        assert left <= x <= right
        assert y == pytest.approx(source.y + source.sized.height, abs=2)
        assert arrow.tip == pytest.approx((target.x + target.sized.width / 2, target.y), abs=2)


def test_many_last_boxes_do_not_stand_in_one_row() -> None:
    nodes = {f"end{number}": {"end": "bye"} for number in range(8)}
    choices = {name: {"key": number, "next": name} for number, name in enumerate(nodes)}
    [panel] = draw(flow({"ask": {"menu": "m", "choices": choices}, **nodes}), {}, "tr").panels
    rows = {round(one.y) for one in place(panel).boxes if one.sized.box.kind == "end"}
    assert len(rows) == 3


@pytest.mark.parametrize("picture", [HOTLINE, picture_of("Wide Words WWWW mmmm " * 9)], ids=["hotline", "wide"])
def test_texts_fit_into_their_boxes(picture: Picture) -> None:
    for box in (box for panel in picture.panels for box in panel.boxes):
        one = sized(box)
        for line in one.lines:
            assert text_width(line.text, line.style) + 2 * PADDING <= one.width + 0.1
        assert not one.tabs or sum(tab.width for tab in one.tabs) == pytest.approx(one.width)
        for tab in one.tabs:
            assert max(text_width(line, "tab") for line in (*tab.label, tab.jumps_to)) < tab.width


def test_every_kind_has_its_look() -> None:
    kinds = {BEGIN, ANYTIME, *KINDS}
    assert set(MEANINGS) == kinds
    for kind in kinds:
        assert hue(kind)
        assert f".{kind} .shape" in style_sheet()
    assert "prefers-color-scheme: dark" in style_sheet()
