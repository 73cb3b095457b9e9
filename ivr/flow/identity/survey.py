"""What an identify or verify node may say, keep and ask of the company: for checks and pictures, without playing it."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.flow.heard import Kind
from ivr.flow.identity.asked import ASKED
from ivr.flow.identity.choosing import BY_NUMBER, SAID_OF_LINE
from ivr.flow.identity.dialogue import PROVE
from ivr.flow.identity.proofs import PROOFS
from ivr.flow.identity.silent import SILENT
from ivr.flow.identity.ways import Entry, spoken_key
from ivr.flow.model import Proving


def entries_of(node: Proving) -> Iterator[Entry]:
    """The questions for claims, then those for proofs, in the order of the file."""
    for way in node.asked:
        yield from ASKED[way].entries
    yield from (PROOFS[proof] for proof in node.asked_proofs)


def prompt_keys_of(node: Proving) -> list[str]:
    """The node's keys whose prompts may be heard."""
    keys = [key for entry in _questions_of(node) for key in (entry.key, entry.key_again) if key]
    if _several(node):
        keys.append("choose_line")
    keys += spoken_keys_of(node)
    if node.asked:
        keys.append("wrong")
    return list(dict.fromkeys([*keys, "noinput", "nomatch"] if keys else ()))


def spoken_keys_of(node: Proving) -> list[str]:
    """Those of them whose prompts are for callers who are heard."""
    keys = [entry.key for entry in _questions_of(node) if entry.said]
    if _several(node):
        keys.append("choose_line")
    return list(dict.fromkeys(map(spoken_key, keys)))


def said_to(node: Proving) -> list[Kind]:
    """What may be said to its questions, instead of keys."""
    kinds = [entry.said for entry in entries_of(node) if entry.said]
    return [*kinds, SAID_OF_LINE] if _several(node) else kinds


def answers_of(node: Proving) -> list[str]:
    """The names of the answers that it may keep."""
    return sorted({*node.asked, *node.asked_proofs, *([BY_NUMBER] if _several(node) else [])})


def services_of(node: Proving) -> list[str]:
    """What it may ask of the company."""
    silent = [SILENT[way].service for way in node.silent]
    sent = [PROOFS[proof].sends for proof in node.asked_proofs]
    return sorted({*filter(None, [*silent, *sent]), *([PROVE] if node.asked else [])})


def _questions_of(node: Proving) -> list[Entry]:
    """With that for the line's number, where endings may not tell lines apart."""
    return [*entries_of(node), *(ASKED[BY_NUMBER].entries if _several(node) else ())]


def _several(node: Proving) -> bool:
    """Whether the caller may have to say which of several lines is meant."""
    return any(SILENT[way].several for way in node.silent) or any(ASKED[way].several for way in node.asked)
