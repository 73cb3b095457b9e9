"""What a flow says: its prompts, and the labels under which the agents' page shows what happened in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from ivr.flow.identity import survey
from ivr.flow.model import (
    Call,
    Callback,
    Collect,
    Flow,
    LookUp,
    Menu,
    Node,
    Proving,
    Question,
    Resume,
    ResumeChoice,
    Transfer,
)
from ivr.flow.reading.facts import CALLBACK_SERVICE
from ivr.flow.reading.yaml_source import Where
from ivr.flow.spoken_to import may_ask_back

ASK_BACK = "ask_back"
_FLOW_FAILED = "flow_failed"  # the reason that agents read when the flow itself could not go on
_PROMPT_KEYS = (
    *("say", "menu", "collect", "spoken", "confirm", "ask", "ask_number", "resume", "agent"),
    *("noinput", "nomatch", "end"),
)


def prompts_of(flow: Flow) -> dict[str, Where]:
    """Every prompt with the place of its first use."""
    found = own_prompts(flow)
    for _, where, prompt in told_prompts(flow):
        found.setdefault(prompt, where)
    return found


def own_prompts(flow: Flow) -> dict[str, Where]:
    """Those that are heard with what this flow knows, at its nodes or when a call ended in it."""
    found: dict[str, Where] = {}
    for name, node in flow.nodes.items():
        for where, prompt in node_prompts(name, node):
            found.setdefault(prompt, where)
        for where, prompt in asking_back(flow, name, node):
            found.setdefault(prompt, where)
    for where, prompt in unfinished_prompts(flow):
        found.setdefault(prompt, where)
    return found


def is_recalled(flow: Flow, where: Where) -> bool:
    """Whether the prompt at this place is said of an earlier call."""
    return where[0] == "unfinished" or isinstance(flow.nodes.get(str(where[1])), Resume)


def asking_back(flow: Flow, name: str, node: Node) -> Iterator[tuple[Where, str]]:
    """What a node, or the flow for it, says where it may be in doubt what was said, with its places."""
    if isinstance(node, Question) and may_ask_back(flow, node):
        where = ("nodes", name) if node.ask_back else ("defaults",)
        for position, prompt in enumerate(flow.asks_back(node)):
            yield (*where, ASK_BACK, position), prompt


def is_doubted(where: Where) -> bool:
    """Whether the prompt at this place asks back."""
    return ASK_BACK in where


def unfinished_prompts(flow: Flow) -> Iterator[tuple[Where, str]]:
    """What somebody was doing whose call ended in this flow, with its places."""
    yield from ((("unfinished", place), prompt) for place, prompt in enumerate(flow.unfinished or ()))


def told_prompts(flow: Flow) -> Iterator[tuple[str, Where, str]]:
    """What resume nodes tell of services that have done something: (service, place, prompt)."""
    for name, node in flow.nodes.items():
        for service, prompts in node.told.items() if isinstance(node, Resume) else ():
            for place, prompt in enumerate(prompts):
                yield service, ("nodes", name, "told", service, place), prompt


def node_prompts(name: str, node: Node) -> Iterator[tuple[Where, str]]:
    """Every prompt that a node may say, but for `told` and `ask_back`, with its place."""
    for key in survey.prompt_keys_of(node) if isinstance(node, Proving) else _PROMPT_KEYS:
        for position, prompt in enumerate(getattr(node, key, None) or ()):
            yield ("nodes", name, key, position), prompt


def labels_of(flow: Flow) -> dict[str, Where]:
    """Every label with the place that first needs it."""
    found: dict[str, Where] = {}
    for name, node in flow.nodes.items():
        for label, inside in _node_labels(name, node):
            found.setdefault(label, ("nodes", name, *inside))
    found.setdefault(flow.defaults.queue, ("defaults", "queue"))
    found.setdefault(_FLOW_FAILED, ("flow",))
    return found


def services_of(node: Node) -> list[str]:
    """The services that a node names."""
    match node:
        case Call():
            return [node.call]
        case LookUp():
            return [lookup.call for lookup in node.look_up.values()]
        case _:
            return []


def _node_labels(name: str, node: Node) -> Iterator[tuple[str, Where]]:
    match node:
        case Menu() | Collect():
            yield name, ()
            yield from ((f"{name}.{choice}", ("choices", choice)) for choice in node.choices)
        case Proving():
            kind = next(iter(node.model_fields_set & {"identify", "verify"}))
            yield from ((label, (kind,)) for label in (*survey.answers_of(node), *survey.services_of(node)))
        case Call():
            yield node.call, ("call",)
        case LookUp():
            yield from ((lookup.call, ("look_up", into, "call")) for into, lookup in node.look_up.items())
        case Transfer():
            yield node.transfer, ("transfer",)
            yield node.reason, ("reason",)
        case Resume():
            yield name, ()
            yield from ((f"{name}.{choice}", ()) for choice in get_args(ResumeChoice))
            yield from ((label, ("agent",)) for label in (f"{name}.agent", node.reason) if node.agent)
        case Callback():
            yield name, ()
            yield from ((label, ("callback",)) for label in (CALLBACK_SERVICE, node.callback))
            yield node.reason, ("reason",)
