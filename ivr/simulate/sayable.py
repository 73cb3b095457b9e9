"""What may be said instead of pressing keys, as somebody who does not know the flow needs to be told. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.flow.heard import Kind
from ivr.flow.listening import Sayings
from ivr.flow.scalars import ANY_LANGUAGE

KINDS: Mapping[Kind, str] = {
    "digit": "a digit",
    "digits": "digits",
    "phone": "a telephone number",
    "amount": "an amount",
    "date": "a day",
    "time": "a time",
    "letters": "letters",
}
EXAMPLES: Mapping[str, Mapping[Kind, str]] = {
    "tr": {
        "digit": "dört",
        "digits": "dört iki yedi",
        "phone": "sıfır beş yüz otuz iki …",
        "amount": "yüz kırk dokuz doksan",
        "date": "yirmi dört kasım",
        "time": "üç buçuk",
        "letters": "bursa edirne",
    },
    "en": {
        "digit": "four",
        "digits": "four two seven",
        "phone": "oh five three two …",
        "amount": "one forty nine ninety",
        "date": "the twenty fourth of november",
        "time": "half past three",
        "letters": "bravo echo",
    },
}
_YES_OR_NO = {"tr": ("evet", "hayır"), "en": ("yes", "no")}


def sayable(sayings: Sayings, language: str) -> Iterator[str]:
    """The first phrase of each answer; yes and no; of a kind of value an example in the language, where it has one."""
    for phrases in sayings.phrases.values():
        yield from (*phrases.get(language, ()), *phrases.get(ANY_LANGUAGE, ()))[:1]
    match sayings.kind:
        case None:
            return
        case "yes_no":
            yield from _YES_OR_NO.get(language, ())
        case kind:
            if example := EXAMPLES.get(language, {}).get(kind):
                yield f'{KINDS[kind]} ("{example}")'
