"""What a box says of its node: what the node does, what the caller hears there, and what its exits are called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ivr.flow.identity.proofs import PROOFS
from ivr.flow.identity.survey import entries_of
from ivr.flow.identity.ways import Entry
from ivr.flow.model import (
    Call,
    Callback,
    Choose,
    Collect,
    End,
    Identify,
    LookUp,
    Menu,
    Node,
    Proving,
    Resume,
    Return,
    Say,
    Subflow,
    Transfer,
    Verify,
)  # fmt: skip
from ivr.flow.reading.hints import span
from ivr.flow.ways import node_ways
from ivr.graph.picture import Exit, Mood

Texts = Mapping[str, str]  # the prompts of one language as they stand in the book, by name

_VARIABLE = re.compile(r"\{\{\s*([\w.]*)[^}]*\}\}")
_STATEMENT = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def spoken(prompts: tuple[str, ...], texts: Texts) -> str:
    """What callers hear, in one line. Variables stand in brackets; the name stands for a prompt that is not known."""
    return " ".join(_plain(texts.get(name, name)) for name in prompts)


def words(node: Node, texts: Texts) -> str:
    """What callers hear first at this node."""
    match node:
        case Say(say=prompts) | Menu(menu=prompts) | Collect(collect=prompts) | End(end=prompts):
            return spoken(prompts, texts)
        case Callback(ask=prompts) | Resume(resume=prompts):
            return spoken(prompts, texts)
        case Proving():
            return next((spoken(entry.prompts(node), texts) for entry in _entries(node)), "")
        case Transfer(say=prompts) if prompts:
            return spoken(prompts, texts)
    return ""


def facts(node: Node) -> tuple[str, ...]:
    """What the node does, a few short lines."""
    match node:
        case Collect():
            return (_collected(node),)
        case Identify() | Verify():
            return _known_by(node)
        case Say(meanwhile=True):
            return ("goes on meanwhile",)
        case Call() | LookUp():
            return _asked(node)
        case Transfer(transfer=queue) | Callback(callback=queue):
            return (f"{'by' if isinstance(node, Callback) else 'to'} the queue {queue}", f"because: {node.reason}")
        case Resume():
            return _offered(node)
        case Subflow():
            return (f"through the flow {node.flow}", *([f"as {node.into}"] if node.into else []))
        case Return(result=result) if result:
            return ("with " + ", ".join(f"{name}: {_plain(value)}" for name, value in result.items()),)
        case End():
            return (f"outcome: {node.outcome}",)
    return ()


def exits(node: Node) -> Iterator[Exit]:
    """The ways out that the node itself names."""
    ways = list(node_ways(node))
    for way, target in ways:
        label, detail = _label(node, way, alone=len(ways) == 1)
        yield Exit(way, target, label, detail, _mood(node, way), _needed(node, way))


def _label(node: Node, way: str, *, alone: bool) -> tuple[str, str]:
    """What an exit is called, shortly and in full."""
    kind, _, name = way.partition(".")
    match node, kind:
        case Menu(), "choices":
            choice = node.choices[name]
            said = [phrase for phrases in choice.phrases.values() for phrase in phrases]
            changes = f" ({choice.language})" if choice.language else ""
            return f"{choice.key} {_readable(name)}{changes}", ", ".join([f"key {choice.key}", *said])
        case Choose(), "choose":
            return node.choose[int(name)].when, node.choose[int(name)].when
        case Resume(), "next":
            return "2 start over", "key 2, or there is nothing that could be gone on with"
        case Resume(), "done":
            return "3 done", "key 3"
        case _, "exceeded":
            return "too often", "too many attempts were made to prove who is calling"
        case _, "on_error":
            return "fails", "the service fails, or does not answer in time"
        case Choose(), "otherwise":
            return "otherwise", ""
        case _, "otherwise":
            return "no answer", "the caller could not answer, often enough"
    return ("", "") if alone else (_answered(node), "")


def _answered(node: Node) -> str:
    match node:
        case Identify():
            return "known"
        case Verify():
            return "proved"
        case Call():
            return "answers"
    return "done"


def _mood(node: Node, way: str) -> Mood:
    if way == "on_error":
        return Mood.ERROR
    return Mood.OTHERWISE if way in ("otherwise", "exceeded") else Mood.NORMAL


def _needed(node: Node, way: str) -> str:
    """The level that an exit needs."""
    kind, _, name = way.partition(".")
    level = node.choices[name].needs if isinstance(node, Menu) and kind == "choices" else None
    return level.value if level else ""


def _known_by(node: Identify | Verify) -> tuple[str, ...]:
    if isinstance(node, Verify):
        return ("by " + _list(node.verify),)
    return ("by " + _list(node.identify), *(["proved by " + _list(node.proofs)] if node.asked else []))


def _asked(node: Call | LookUp) -> tuple[str, ...]:
    if isinstance(node, Call):
        return (f"asks {node.call}", f"as {node.into}")
    return tuple(f"asks {lookup.call} as {into}" for into, lookup in node.look_up.items())


def _offered(node: Resume) -> tuple[str, ...]:
    """What may be gone on with; where to, only the call before this one knows."""
    told = ("tells what was done: " + ", ".join(node.told),) if node.told else ()
    same = ("or with the same agent",) if node.agent else ()
    return (f"1 goes on with what was left in the last {span(node.within)}", *same, *told)


def _collected(node: Collect) -> str:
    parts = [_readable(node.type)]
    if node.type == "digits":
        parts.append(str(node.length))
    if node.range:
        parts.append(str(node.range))
    if node.type == "choice":
        parts += [f"{option.key} {_readable(name)}" for name, option in node.choices.items()]
    if node.confirm:
        parts.append("read back")
    if node.sensitivity != "plain":
        parts.append(node.sensitivity.value)
    return ", ".join(parts)


def _entries(node: Proving) -> list[Entry]:
    """The questions that the node may begin with: verify mostly knows the line already."""
    return [PROOFS[proof] for proof in node.asked_proofs] if isinstance(node, Verify) else list(entries_of(node))


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(_readable, names))


def _readable(name: str) -> str:
    return name.replace("_", " ")


def _plain(text: str) -> str:
    """A prompt's template as a person would read it."""
    return " ".join(_STATEMENT.sub(" ", _VARIABLE.sub(r"[\1]", text)).split())
