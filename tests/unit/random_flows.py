"""Random flows for property tests: every kind of node, any way from any node to any other, subflows, handlers."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st

from ivr.flow.model import AskedWay, Flow, Proof, SilentWay
from tests.unit.flows_in_python import flow

Nodes = dict[str, dict[str, Any]]

NEEDS = st.sampled_from([None, None, None, "claimed", "recognised", "verified"])
KEYS = st.sampled_from([*"0123456789*#", "12", "*0"])
CONDITIONS = st.sampled_from(
    [
        "true",
        "false",
        "answers.m0 == 'one'",
        "ticket.number",
        "status.number and level == 'verified'",
        "open.office",
        "now.weekday > 3",
        "args.a == 'x'",
        "nobody",
    ]
)
WAYS = (*get_args(SilentWay), *get_args(AskedWay))
PHRASES = {"repeat": ["tekrar"], "back": {"tr": ["geri"]}, "agent": {"tr": ["temsilci"], "en": ["agent"]}}
COLLECTS: list[dict[str, Any]] = [
    {"type": "digits", "length": "2-4"},
    {"type": "digits", "length": 3, "sensitivity": "secret"},
    {"type": "digits", "range": "5..50", "confirm": "is_it"},
    {"type": "yes_no"},
    {"type": "date", "range": "today..today+30d"},
    {"type": "time", "confirm": "is_it"},
    {"type": "amount", "termchar": ""},
    {"type": "phone", "sensitivity": "personal"},
    {"type": "choice", "choices": {"one": {"key": 1, "phrases": ["bir"]}, "two": {"key": 2}}},
]


def _optional(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(st.just({}), values.map(lambda value: {key: value}))


def _some(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, unique=True)


@st.composite
def _proving(draw: st.DrawFn, to: st.SearchStrategy[str]) -> dict[str, Any]:
    """Keys that identify and verify may have both."""
    lengths = {"surname_letters": 2, "order_digits": 3, "customer_number_length": "4-6", "code_length": 4}
    tries = draw(_optional("tries", st.integers(1, 3)))
    return {**draw(_optional("exceeded", to)), **tries, **draw(st.sampled_from([{}, lengths]))}


@st.composite
def _node(draw: st.DrawFn, names: list[str], leaving: list[dict[str, Any]]) -> dict[str, Any]:
    to = st.sampled_from(names)
    kind = draw(
        st.sampled_from(
            ["say", "menu", "menu", "collect", "identify", "verify", "call", "look_up", "choose", "callback", "leave"]
        )
    )
    needs = {"needs": level} if (level := draw(NEEDS)) else {}
    asks = {**draw(_optional("otherwise", to)), **draw(_optional("bargein", st.booleans()))}
    asks |= draw(_optional("listen", st.booleans()))
    match kind:
        case "say":
            meanwhile = draw(_optional("meanwhile", st.booleans()))
            return {"say": "words", **draw(_optional("bargein", st.booleans())), **meanwhile, "next": draw(to), **needs}
        case "menu":
            keys = draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))
            names_of = ("one", "two", "three", "four")
            choices = {
                name: {
                    "key": key,
                    "next": draw(to),
                    "phrases": [name],
                    **({"needs": level} if (level := draw(NEEDS)) else {}),
                }
                for name, key in zip(names_of, keys, strict=False)
            }
            return {"menu": "menu", "choices": choices, **asks, **needs}
        case "collect":
            return {"collect": "value", **draw(st.sampled_from(COLLECTS)), "next": draw(to), **asks, **needs}
        case "identify":
            proofs = draw(_optional("proofs", _some(get_args(Proof))))
            return {"identify": draw(_some(WAYS)), "next": draw(to), **proofs, **asks, **draw(_proving(to))}
        case "verify":
            claims = draw(_optional("claims", _some(get_args(AskedWay))))
            return {"verify": draw(_some(get_args(Proof))), "next": draw(to), **claims, **asks, **draw(_proving(to))}
        case "call":
            arguments = draw(st.sampled_from([{}, {"a": "{{ answers.m0 }}"}, {"a": "{{ secrets.m1 }}"}]))
            retries = draw(st.integers(0, 2))
            failing = draw(_optional("on_error", to))
            return {
                "call": "ticket.open",
                "with": arguments,
                "into": "ticket",
                "retries": retries,
                "next": draw(to),
                **failing,
                **needs,
            }
        case "look_up":
            lookups = {
                name: {"call": "line.status", "with": {"line": "{{ line.number }} {{ status.number }}"}}
                for name in draw(st.lists(st.sampled_from(["status", "bill", "ticket"]), min_size=1, unique=True))
            }
            return {"look_up": lookups, "next": draw(to), **needs}
        case "choose":
            branches = [{"when": draw(CONDITIONS), "next": draw(to)} for _ in range(draw(st.integers(1, 3)))]
            return {"choose": branches, "otherwise": draw(to), **needs}
        case "callback":
            return {"callback": "agents", "reason": "busy", "next": draw(to), **asks}
    return draw(st.sampled_from(leaving))


@st.composite
def _nodes(draw: st.DrawFn, letter: str, leaving: list[dict[str, Any]]) -> Nodes:
    names = [f"{letter}{number}" for number in range(draw(st.integers(2, 7)))]
    return {name: draw(_node(names, leaving)) for name in names}


@st.composite
def random_flows(draw: st.DrawFn) -> Flow:
    """A hotline with one subflow. Its ways all exist; whether they make sense is another matter."""
    ends: list[dict[str, Any]] = [
        {"end": "bye"},
        {"end": []},
        {"transfer": "agents", "reason": "asked", "say": "words"},
    ]
    inner = draw(_nodes("s", [{"return": {"got": "{{ args.a }}"}}, *ends]))
    sub = flow(inner, flow="sub", arguments=["a"], return_only=True)
    visit = {"flow": "sub", "with": {"a": "x"}, "into": "result", "next": "m0"}
    nodes = draw(_nodes("m", [*ends, visit, {"return": {}}]))
    to = st.sampled_from(sorted(nodes))
    defaults = {**draw(_optional("otherwise", to)), **draw(_optional("on_error", to)), **draw(_optional("verify", to))}
    keys: dict[str, Any] = draw(
        st.sampled_from([{}, {"repeat": "*", "back": "#"}, {"agent": {"key": [0, "*0"], "next": "m1"}}])
    )
    keys = {**keys, **draw(_optional("phrases", st.just(PHRASES)))}
    hours = {"office": {"days": {"mon-fri": "08:00-20:00"}, "closed": ["10-29"]}}
    head = {"defaults": defaults, "keys": keys, "hours": hours, **draw(_optional("on_hangup", to))}
    return flow(nodes, sub, return_only=True, **head)
