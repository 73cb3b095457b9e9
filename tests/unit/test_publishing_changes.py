"""What differs between two versions, told in nodes, ways and prompts."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from rich.console import Console

from ivr.errors import FlowError
from ivr.flow.reading.texts import FlowTexts
from ivr.hotline.texts import HotlineTexts
from ivr.publishing.changes import Changes, KeyChange, NodeChange, TextChange, changes, counted
from ivr.publishing.leaves import leaves, shown
from ivr.publishing.shown import changes as show
from ivr.speech.book import BookTexts
from tests.unit.publishing_house import BILL, FLOW, PROMPTS


def texts(flow: str = FLOW, bill: str = BILL, prompts: Mapping[str, str] | None = None) -> HotlineTexts:
    books = prompts or {language: PROMPTS.replace("LANG", language) for language in ("tr", "en")}
    return HotlineTexts(FlowTexts("hotline", {"hotline": flow, "bill": bill}, "flows"), BookTexts(books))


def nodes(old: str, new: str) -> tuple[NodeChange, ...]:
    return changes(texts(old), texts(new)).nodes


def keys(old: str, new: str) -> tuple[KeyChange, ...]:
    (node,) = nodes(FLOW, FLOW.replace(old, new))
    return node.keys


def told(found: Changes) -> str:
    screen = io.StringIO()
    show(Console(file=screen, width=100), found)
    return screen.getvalue()


def test_equal_versions() -> None:
    found = changes(texts(), texts(FLOW.replace("flow: hotline", "# laid out otherwise\nflow: hotline")))
    assert not found
    assert counted(found) == "nothing differs"


def test_a_value_that_changed() -> None:
    assert nodes(FLOW, FLOW.replace("timeout: 5s", "timeout: 8s")) == (
        NodeChange("changed", "hotline", "", "", (KeyChange("defaults.timeout", "5s", "8s"),)),
    )


def test_a_way_that_leads_elsewhere() -> None:
    assert keys("{key: 1, next: bill}", "{key: 1, next: person}") == (KeyChange("choices.bill.next", "bill", "person"),)
    assert keys("{key: 1, next: bill}", "{key: 1, next: person}")[0].way


@pytest.mark.parametrize(
    ("key", "way"),
    [
        ("done", True),
        ("exceeded", True),
        ("phrases.done", False),
        ("choices.done.next", True),
        ("choices.done.key", False),
    ],
)
def test_which_keys_say_what_follows(key: str, way: bool) -> None:
    assert KeyChange(key, "a", "b").way is way


def test_a_choice_that_came_and_one_that_went() -> None:
    changed = keys("bill: {key: 1, next: bill}", "order: {key: 3, next: bill}")
    assert changed == (
        KeyChange("choices.bill.key", "1", None),
        KeyChange("choices.bill.next", "bill", None),
        KeyChange("choices.order.key", None, "3"),
        KeyChange("choices.order.next", None, "bill"),
    )


def test_nodes_that_came_and_went() -> None:
    new = FLOW.replace("  told: {say: told, next: main_menu}\n", "  news: {say: told, next: main_menu}\n")
    assert nodes(FLOW, new) == (
        NodeChange("removed", "hotline", "told", "say"),
        NodeChange("added", "hotline", "news", "say"),
    )


def test_a_node_of_another_kind() -> None:
    (node,) = nodes(FLOW, FLOW.replace("{say: told, next: main_menu}", "{end: told}"))
    assert (node.kind, [key.key for key in node.keys]) == ("end", ["say", "next", "end"])


def test_branches_go_by_their_condition_and_their_order_is_told() -> None:
    new = FLOW.replace("[{when: announcement", "[{when: open.agents, next: person}, {when: announcement")
    (node,) = nodes(FLOW, new)
    assert node.keys == (
        KeyChange("choose in this order", "announcement", "open.agents | announcement"),
        KeyChange("choose[open.agents].next", None, "person"),
    )


def test_equal_conditions_do_not_hide_each_other() -> None:
    found = leaves({"choose": [{"when": "a", "next": "x"}, {"when": "a", "next": "y"}]})
    assert found == {"choose[a].next": "x", "choose[a, 2].next": "y", "choose in this order": "a | a"}


def test_flows_that_came_and_went() -> None:
    alone = HotlineTexts(FlowTexts("hotline", {"hotline": FLOW}, "flows"), texts().prompts)
    assert changes(alone, texts()).flows == (("added", "bill"),)
    assert changes(texts(), alone).flows == (("removed", "bill"),)


def test_prompts_with_both_texts_in_each_language() -> None:
    old = {"tr": "prompts: {a: Eski, gone: Git, same: Aynı}", "en": "prompts: {a: Old}\nlabels: {m: Menu}"}
    new = {"tr": "prompts: {a: Yeni, same: 'Aynı'}", "en": "prompts: {a: Old, more: More}\nlabels: {m: List}"}
    assert changes(texts(prompts=old), texts(prompts=new)).texts == (
        TextChange("prompts", "tr", "a", "Eski", "Yeni"),
        TextChange("prompts", "tr", "gone", "Git", None),
        TextChange("prompts", "en", "more", None, "More"),
        TextChange("labels", "en", "m", "Menu", "List"),
    )


def test_a_language_that_came() -> None:
    old, new = {"tr": "prompts: {a: Bir}"}, {"tr": "prompts: {a: Bir}", "en": "prompts: {a: One}"}
    assert changes(texts(prompts=old), texts(prompts=new)).texts == (TextChange("prompts", "en", "a", None, "One"),)


def test_it_is_counted_in_a_line() -> None:
    new = FLOW.replace("{key: 1, next: bill}", "{key: 1, next: person}").replace("timeout: 5s", "timeout: 8s")
    prompts = {language: PROMPTS.replace("Menu LANG", "List") for language in ("tr", "en")}
    found = changes(texts(), texts(new, prompts=prompts))
    assert counted(found).startswith("1 flow's head changed, 1 node changed, ")


def test_it_reads_well() -> None:
    new = (
        FLOW.replace("bill: {key: 1, next: bill}", "bill: {key: 4, next: person}")
        .replace("  told: {say: told, next: main_menu}\n", "  news: {say: told, next: main_menu}\n")
        .replace("bill: {flow: bill, next: person}", "bill: {flow: bill, into: paid, next: person}")
    )
    prompts = {
        "tr": PROMPTS.replace("LANG", "tr").replace("Menu tr.", "Menü [bold]tr[/]."),
        "en": PROMPTS.replace("LANG", "en"),
    }
    lines = [line.rstrip() for line in told(changes(texts(), texts(new, prompts=prompts))).splitlines()]
    assert lines == [
        "",
        "flow hotline",
        "  - told say",
        "  + news say",
        "  ~ main_menu menu",
        "      choices.bill.key: 4, was 1",
        "      choices.bill → person, was bill",
        "  ~ bill flow",
        "      into: paid",
        "",
        "prompts",
        "  ~ main_menu tr",
        "      Menu tr.",
        "      Menü [bold]tr[/].",
        "",
        "1 node removed, 1 node added, 2 nodes changed, 1 prompt changed",
    ]


@pytest.mark.parametrize(
    "flow",
    [
        "flow: hotline\nnodes: nothing\n",
        "flow: hotline\n",
        "flow: hotline\nnodes:\n  a: text\n  b: [1, {when: 2}]\n  c:\n  d: {}\n  e: {choose: [{when: [x]}]}\n",
    ],
)
def test_versions_with_mistakes_can_be_compared_all_the_same(flow: str) -> None:
    assert changes(texts(), texts(flow))
    assert told(changes(texts(flow), texts()))


def test_what_is_no_mapping_cannot_be_compared() -> None:
    with pytest.raises(FlowError, match=r"flows/hotline\.yaml:1:1"):
        changes(texts(), texts("- a list\n"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", '"1"'),
        (1, "1"),
        ("true", '"true"'),
        (True, "true"),
        ("", '""'),
        (None, "null"),
        ("nan", '"nan"'),
        ([], "[]"),
        ({}, "{}"),
        (["a", 1, {"b": "2"}], '[a, 1, {b: "2"}]'),
        ("çığ: {{ x }}", "çığ: {{ x }}"),
    ],
)
def test_values_as_files_write_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_another_order_of_opening_hours_is_a_change() -> None:
    days = {"mon-fri": "08:00-20:00", "fri": "09:00-12:00"}
    turned = dict(reversed(days.items()))
    assert leaves({"hours": {"shop": {"days": days}}}) != leaves({"hours": {"shop": {"days": turned}}})
