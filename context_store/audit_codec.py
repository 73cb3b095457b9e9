"""The audit log's entries, to the fields of a stream and back. Does no I/O.

An attempt makes one entry when it begins and another when it ends; both carry its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from context_store.attempts import Attempt, AuditEntry
from context_store.codec import Codec
from context_store.errors import BadRecord

LONGEST_CLAIM = 64  # characters of it that are kept; all that can be claimed by keys is shorter

_entries = TypeAdapter(AuditEntry)


def _shortened(attempt: Attempt) -> Attempt:
    return replace(attempt, claim=attempt.claim[:LONGEST_CLAIM])


attempts = Codec(Attempt, _shortened)


def decode_entries(newest_first: Iterable[Mapping[bytes, bytes]]) -> Iterator[AuditEntry]:
    """The attempts that began among these entries, newest first, as far as these tell of them. Raises `BadRecord`."""
    outcomes: dict[bytes, bytes] = {}
    told: set[bytes] = set()
    for fields in newest_first:
        attempt = fields.get(b"id", b"")
        if outcome := fields.get(b"outcome"):
            outcomes.setdefault(attempt, outcome)
        elif attempt not in told:  # what was written again because the answer was lost is there twice
            told.add(attempt)
            yield decode_entry(
                attempt, fields.get(b"attempt", b""), fields.get(b"exceeded", b""), outcomes.get(attempt)
            )


def decode_entry(attempt: bytes, data: bytes, exceeded: bytes, outcome: bytes | None) -> AuditEntry:
    """An attempt with its end, as far as it is known. Raises `BadRecord`."""
    fields = {
        "id": attempt.decode("ascii", "replace"),
        "attempt": attempts.decode(data),
        "outcome": "limited" if exceeded else (outcome or b"open").decode("ascii", "replace"),
        "exceeded": exceeded.decode("ascii", "replace"),
    }
    try:
        return _entries.validate_python(fields)
    except ValidationError:
        raise BadRecord(
            "an entry of the audit log cannot be read: something else has written to the store, "
            "or a newer version of Devam"
        ) from None
