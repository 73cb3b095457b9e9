"""What differs between two versions of a hotline, in the words of its files: nodes, ways, prompts. Pure.

Works on the files' content as it is written, so that a version with mistakes, or of another Devam, can be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ivr.flow.reading.raw_node import GIVEN_BY_LOADER, kind_of, raw_nodes
from ivr.flow.reading.texts import scanned
from ivr.flow.reading.yaml_source import Source
from ivr.hotline.texts import HotlineTexts, spoken
from ivr.publishing.leaves import leaves

WAYS = ("next", "otherwise", "on_error", "exceeded", "start", "verify", "on_hangup")  # keys that name a node
DONE = "done"  # names one, too, but also what may be said for it
HEAD = ""  # the `node` of what belongs to a flow as a whole

Deed = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key of a node: "choices.bill.next". `old` or `new` is None where it was not, or is no more."""

    key: str
    old: str | None
    new: str | None

    @property
    def way(self) -> bool:
        """Whether it says which node follows."""
        return self.key == DONE or self.key.rpartition(".")[2] in WAYS


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that came, went or changed; `kind` is menu, say … or empty for a flow's head."""

    deed: Deed
    flow: str
    node: str
    kind: str
    keys: tuple[KeyChange, ...] = ()


@dataclass(frozen=True, slots=True)
class TextChange:
    """A prompt or a label in one language. `old` or `new` is None where it was not, or is no more."""

    section: str  # prompts, labels
    language: str
    name: str
    old: str | None
    new: str | None

    @property
    def deed(self) -> Deed:
        """What happened to it."""
        return "added" if self.old is None else "removed" if self.new is None else "changed"


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that differs. `flows` are whole flows: (deed, name)."""

    flows: tuple[tuple[Deed, str], ...]
    nodes: tuple[NodeChange, ...]
    texts: tuple[TextChange, ...]

    def __bool__(self) -> bool:
        return bool(self.flows or self.nodes or self.texts)


def changes(old: HotlineTexts, new: HotlineTexts) -> Changes:
    """What leads from one version to the other. Raises `FlowError` for a file that is not YAML."""
    before, after = _flows(old), _flows(new)
    flows: list[tuple[Deed, str]] = [("removed", name) for name in before if name not in after]
    flows += [("added", name) for name in after if name not in before]
    nodes = (change for name in after if name in before for change in _in_flow(name, before[name], after[name]))
    return Changes(tuple(flows), tuple(nodes), tuple(_texts(old, new)))


def _flows(texts: HotlineTexts) -> dict[str, Source]:
    """By name, the main one first."""
    names = sorted(texts.flows.texts, key=lambda name: (name != texts.flows.main, name))
    return {name: scanned(texts.flows.texts[name], texts.flows.file(name)) for name in names}


def _in_flow(flow: str, old: Source, new: Source) -> Iterator[NodeChange]:
    if keys := tuple(_keys(_head(old), _head(new))):
        yield NodeChange("changed", flow, HEAD, "", keys)
    before, after = raw_nodes(old), raw_nodes(new)
    for name, node in before.items():
        if name not in after:
            yield NodeChange("removed", flow, name, _kind(node))
    for name, node in after.items():
        if name not in before:
            yield NodeChange("added", flow, name, _kind(node))
        elif keys := tuple(_keys(before[name], node)):
            yield NodeChange("changed", flow, name, _kind(node), keys)


def _head(source: Source) -> dict[str, Any]:
    return {key: value for key, value in source.data.items() if key not in ("nodes", *GIVEN_BY_LOADER)}


def _kind(node: Any) -> str:
    return (kind_of(node) or "") if isinstance(node, dict) else ""


def _keys(old: Any, new: Any) -> Iterator[KeyChange]:
    before, after = leaves(old), leaves(new)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield KeyChange(key, before.get(key), after.get(key))


def _texts(old: HotlineTexts, new: HotlineTexts) -> Iterator[TextChange]:
    before, after = dict(_sayings(old)), dict(_sayings(new))
    for place in sorted(before.keys() | after.keys(), key=lambda place: (-_is_prompt(place), place[2], place[1])):
        if before.get(place) != after.get(place):
            yield TextChange(*place, before.get(place), after.get(place))


def _is_prompt(place: tuple[str, str, str]) -> bool:
    return place[0] == "prompts"


def _sayings(texts: HotlineTexts) -> Iterator[tuple[tuple[str, str, str], str]]:
    """(section, language, name) and text, of everything that the prompt book says."""
    for language, text in texts.prompts.texts.items():
        data: Mapping[str, Any] = scanned(text, texts.prompts.file(language)).data
        for section in ("prompts", "labels"):
            entries = data.get(section)
            for name, saying in entries.items() if isinstance(entries, dict) else ():
                yield (section, language, name), str(spoken(saying))


def counted(found: Changes) -> str:
    """All of it in one line: "2 nodes changed, 1 node added, 3 prompts changed"."""
    every: list[NodeChange | TextChange] = [*found.nodes, *found.texts]
    counts = Counter([("flow", deed) for deed, _ in found.flows] + [(_noun(one), one.deed) for one in every])
    told = [f"{count} {noun}{'s' if count > 1 else ''} {deed}" for (noun, deed), count in counts.items()]
    return ", ".join(told) or "nothing differs"


def _noun(change: NodeChange | TextChange) -> str:
    if isinstance(change, NodeChange):
        return "node" if change.node else "flow's head"
    return change.section.removesuffix("s")
