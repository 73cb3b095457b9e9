"""What a call may know: enough to speak every dynamic prompt of the sample hotline."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json

FACTS: Mapping[str, Json] = {
    "line": {"number": "+902129990041", "remembered": True},
    "endings": ["41", "42", "43", "44"],
    "caller": {"number": "+905551112233"},
    "level": "verified",
    "heard": "4815",
    "heard_as": "digits",
    "announcement": {"tr": "Bugün kar var.", "en": "There is snow."},
    "answers": {
        "visit_menu": "move",
        "quota_menu": "top_up",
        "contact_number": "+905321234567",
        "other_day": "2026-11-30",
        "which_package": "first",
        "what_arrived": "bill",
        "arrived_number": "+905321234567",
    },
    "ticket": {"number": "4815162", "appointment": "2026-11-24"},
    "found": {"ticket": {"number": "4815162", "state": "working", "appointment": "2026-11-24"}},
    "visit": {"moved": True, "appointment": "2026-11-25"},
    "slots": {"days": ["2026-11-24", "2026-11-25", "2026-11-26"]},
    "paid": {"result": "paid", "reference": "123456"},
    "args": {"amount": 149.9},
    "callback": {"number": "7766", "by": "2026-11-25T12:00"},
    "report": {"number": "5544", "by": "2026-12-01"},
    "status": {
        "outage": {"area": "Kadıköy", "cause": {"tr": "kablo arızası", "en": "a cut cable"}, "until": "18:30"},
    },
    "bill": {
        "amount": 149.9,
        "due": "2026-11-23",
        "state": "overdue",
        "previous": 120,
        "reasons": [
            {"text": {"tr": "ek paket", "en": "more data"}, "amount": 29.9},
            {"text": {"tr": "arama", "en": "calls"}, "amount": 5},
        ],
    },
    "quota": {
        "remaining": 12,
        "renews": "2026-12-01",
        "packages": [{"price": 50, "gigabytes": 10}, {"price": 80, "gigabytes": 20}, {"price": 100, "gigabytes": 50}],
    },
    "topped_up": {"remaining": 22, "price": 50},
    "ordered": {
        "order": {
            "number": "998877",
            "item": {"tr": "modem", "en": "a modem"},
            "state": "shipped",
            "day": "2026-11-25",
        },
    },
}
