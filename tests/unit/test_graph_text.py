"""Mermaid and DOT: nothing that a flow can say is taken for a part of the language."""

from __future__ import annotations

import re

import pygraphviz
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.model import KINDS
from ivr.graph.dot import dot
from ivr.graph.drawing import draw
from ivr.graph.mermaid import mermaid
from ivr.graph.picture import ANYTIME, BEGIN, Box, Exit, Mood, Panel, Picture
from tests.unit.flows_in_python import flow

HOSTILE = [
    '"] --> x["',
    "end",
    "`code`",
    "<script>alert(1)</script>",
    "a & b | c ; %% d",
    "#35;",
    "1. one",
    "_a_ \\n \\",
    "{{x}}",
]

# What a line of ours can be. Everything between quotes is letters, digits, harmless marks, codes and our three tags.
QUOTED = r'"(?:[^\W_]|(?<=\w)_|[ .,!?/\'=…→]|#\d+;|</?[bi]>|<br>)*"'
ID = r"[nf]_[a-z0-9_]+"
ENDS = ["[ ]", "([ ])", "{{ }}", "{ }", "[/ /]", "[/ \\]", "[( )]", "[[ ]]"]
SHAPE = "|".join(QUOTED.join(re.escape(end) for end in ends.split()) for ends in ENDS)
LINES = [
    r"%% [a-z0-9_]+, version \w*, prompts in \w+",
    r"flowchart TD",
    rf"subgraph {ID}\[{QUOTED}\]",
    r"direction TB",
    r"end",
    rf"{ID}(?:{SHAPE})(?::::k_\w+)?",
    rf"{ID} (?:-->|-\.->)(?:\|{QUOTED}\|)? {ID}",
    r"classDef k_\w+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}",
]


def picture_of(words: str) -> Picture:
    """A picture with these words wherever there can be words."""
    ways = tuple(
        Exit(f"way{number}", target, words, words, mood, "verified", jump)
        for number, (target, mood, jump) in enumerate(
            [("end", Mood.NORMAL, False), ("graph", Mood.ERROR, True), ("subgraph", Mood.OTHERWISE, False)]
        )
    )
    kinds = (BEGIN, ANYTIME, *KINDS)
    boxes = [
        Box(f"box{number}", kind, words, (words,), words, words, "verified", exits=ways)
        for number, kind in enumerate(kinds)
    ]
    targets = [Box(name, "end", words) for name in ("end", "graph", "subgraph")]
    return Picture("hotline", "0123456789ab", "tr", (Panel("default", (*boxes, *targets)),))


def check_mermaid(text: str) -> None:
    for line in text.splitlines():
        assert any(re.fullmatch(form, line.strip()) for form in LINES), line


@pytest.mark.parametrize("words", HOSTILE)
def test_mermaid_takes_no_text_for_its_own(words: str) -> None:
    check_mermaid(mermaid(picture_of(words)))


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_mermaid_with_any_text(words: str) -> None:
    check_mermaid(mermaid(picture_of(words)))


def test_mermaid_says_what_the_picture_says() -> None:
    choices = {"my_bill": {"key": 2, "needs": "verified", "next": "bye"}, "again": {"key": 3, "next": "ask"}}
    text = mermaid(draw(flow({"ask": {"menu": "hello", "choices": choices}}), {"hello": "Press 2."}, "en"))
    assert '    n_ask{{"<b>ask</b><br><i>Press 2#46;</i>"}}:::k_menu' in text.splitlines()
    assert '    n_ask -->|"#128274; 2 my bill"| n_bye' in text.splitlines()
    assert '    n_ask -->|"3 again"| n_ask' in text.splitlines()


def labels(text: str) -> tuple[set[str], set[str]]:
    """The labels of nodes and edges, as Graphviz reads them."""
    graph = pygraphviz.AGraph(string=text)
    nodes = {str(node.attr["label"]) for node in graph.nodes()}
    return nodes, {str(edge.attr["label"]) for edge in graph.edges()}


@pytest.mark.parametrize("words", HOSTILE)
def test_graphviz_reads_back_what_was_written(words: str) -> None:
    nodes, edges = labels(dot(picture_of(words)))
    shown = words.replace("\\", "\\\\")  # a backslash is written twice in a label
    assert {node.split("\\n")[0].removeprefix("🔒 ") for node in nodes if "→" not in node} == {shown.split("\\n")[0]}
    assert edges == {f"🔒 {shown}"}


@settings(max_examples=40)
@given(st.text(max_size=40))
def test_graphviz_reads_any_text(words: str) -> None:
    graph = pygraphviz.AGraph(string=dot(picture_of(words.replace("\x00", ""))))
    assert {"box0", "end", "graph"} <= {str(node) for node in graph.nodes()}
