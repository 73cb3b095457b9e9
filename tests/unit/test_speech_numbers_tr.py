"""Turkish as it is spoken, checked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech import numbers_tr
from ivr.speech.saying import filters

SAY = filters("tr", "TR")

NUMBERS: list[tuple[object, str]] = [
    (0, "sıfır"),
    (1, "bir"),
    (2, "iki"),
    (3, "üç"),
    (4, "dört"),
    (5, "beş"),
    (6, "altı"),
    (7, "yedi"),
    (8, "sekiz"),
    (9, "dokuz"),
    (10, "on"),
    (11, "on bir"),
    (19, "on dokuz"),
    (20, "yirmi"),
    (21, "yirmi bir"),
    (30, "otuz"),
    (34, "otuz dört"),
    (40, "kırk"),
    (41, "kırk bir"),
    (50, "elli"),
    (60, "altmış"),
    (66, "altmış altı"),
    (70, "yetmiş"),
    (80, "seksen"),
    (90, "doksan"),
    (99, "doksan dokuz"),
    (100, "yüz"),
    (101, "yüz bir"),
    (110, "yüz on"),
    (111, "yüz on bir"),
    (200, "iki yüz"),
    (205, "iki yüz beş"),
    (532, "beş yüz otuz iki"),
    (999, "dokuz yüz doksan dokuz"),
    (1000, "bin"),
    (1001, "bin bir"),
    (1010, "bin on"),
    (1100, "bin yüz"),
    (1101, "bin yüz bir"),
    (1923, "bin dokuz yüz yirmi üç"),
    (2000, "iki bin"),
    (2001, "iki bin bir"),
    (2025, "iki bin yirmi beş"),
    (10_000, "on bin"),
    (11_000, "on bir bin"),
    (21_000, "yirmi bir bin"),
    (100_000, "yüz bin"),
    (101_000, "yüz bir bin"),
    (101_001, "yüz bir bin bir"),
    (999_999, "dokuz yüz doksan dokuz bin dokuz yüz doksan dokuz"),
    (1_000_000, "bir milyon"),
    (1_001_000, "bir milyon bin"),
    (1_001_001, "bir milyon bin bir"),
    (2_000_005, "iki milyon beş"),
    (100_000_000, "yüz milyon"),
    (1_000_000_000, "bir milyar"),
    (1_000_001_000, "bir milyar bin"),
    (12_345_678_901, "on iki milyar üç yüz kırk beş milyon altı yüz yetmiş sekiz bin dokuz yüz bir"),
    (1_000_000_000_000, "bir trilyon"),
    (-1, "eksi bir"),
    (-1000, "eksi bin"),
    ("1500", "bin beş yüz"),
    (" 42 ", "kırk iki"),
    ("-7", "eksi yedi"),
    ("00", "sıfır"),
    ("007", "yedi"),
    ("-0", "sıfır"),
    (5.0, "beş"),
    ("3.14", "üç virgül on dört"),
    ("3.05", "üç virgül sıfır beş"),
    ("3.10", "üç virgül bir"),
    (12.5, "on iki virgül beş"),
    (-0.5, "eksi sıfır virgül beş"),
    (0.1 + 0.2, "sıfır virgül üç"),
    ("0.001", "sıfır virgül sıfır sıfır bir"),
    ("1000.25", "bin virgül yirmi beş"),
    ("0.1234", "sıfır virgül bin iki yüz otuz dört"),
]

DIGITS: list[tuple[object, str]] = [
    ("4815", "dört sekiz bir beş"),
    (4815, "dört sekiz bir beş"),
    ("0", "sıfır"),
    ("00", "sıfır sıfır"),
    ("07", "sıfır yedi"),
    ("123", "bir iki üç"),
    ("12345", "bir iki üç, dört beş"),
    ("481516", "dört sekiz bir, beş bir altı"),
    ("4815162", "dört sekiz bir, beş bir, altı iki"),
    ("48151623", "dört sekiz bir, beş bir altı, iki üç"),
    ("1234567890", "bir iki üç, dört beş altı, yedi sekiz, dokuz sıfır"),
    ("48-15 16", "dört sekiz bir, beş bir altı"),
]

ORDINALS: list[tuple[object, str]] = [
    (0, "sıfırıncı"),
    (1, "birinci"),
    (2, "ikinci"),
    (3, "üçüncü"),
    (4, "dördüncü"),
    (5, "beşinci"),
    (6, "altıncı"),
    (7, "yedinci"),
    (8, "sekizinci"),
    (9, "dokuzuncu"),
    (10, "onuncu"),
    (14, "on dördüncü"),
    (20, "yirminci"),
    (21, "yirmi birinci"),
    (30, "otuzuncu"),
    (40, "kırkıncı"),
    (50, "ellinci"),
    (60, "altmışıncı"),
    (70, "yetmişinci"),
    (80, "sekseninci"),
    (90, "doksanıncı"),
    (100, "yüzüncü"),
    (1000, "bininci"),
    (10**6, "bir milyonuncu"),
    (10**9, "bir milyarıncı"),
    (10**12, "bir trilyonuncu"),
    ("3", "üçüncü"),
]

PHONES: list[tuple[object, str]] = [
    ("+905321234567", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"),
    ("0532 123 45 67", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"),
    ("5321234567", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"),
    ("00905321234567", "sıfır beş yüz otuz iki, yüz yirmi üç, kırk beş, altmış yedi"),
    ("+905300070007", "sıfır beş yüz otuz, sıfır sıfır yedi, sıfır sıfır, sıfır yedi"),
    ("+902129990041", "sıfır iki yüz on iki, dokuz yüz doksan dokuz, sıfır sıfır, kırk bir"),
    ("(0212) 999 10 10", "sıfır iki yüz on iki, dokuz yüz doksan dokuz, on, on"),
    ("4440000", "dört yüz kırk dört, sıfır, sıfır sıfır sıfır"),
    ("+442079460958", "artı kırk dört, yirmi, yetmiş dokuz, kırk altı, sıfır dokuz yüz elli sekiz"),
    ("112", "yüz on iki"),
]

ENDINGS: list[tuple[object, str]] = [
    ("+902129990041", "kırk bir"),
    ("05321234567", "altmış yedi"),
    ("5307", "sıfır yedi"),
    ("5300", "sıfır sıfır"),
    ("5310", "on"),
    (100, "sıfır sıfır"),
    ("7", "yedi"),
]

MONEY: list[tuple[object, str]] = [
    (0, "sıfır lira"),
    (1, "bir lira"),
    (1000, "bin lira"),
    (149.9, "yüz kırk dokuz lira doksan kuruş"),
    ("149.90", "yüz kırk dokuz lira doksan kuruş"),
    ("0.05", "beş kuruş"),
    (0.5, "elli kuruş"),
    ("12.345", "on iki lira otuz beş kuruş"),
    (99.999, "yüz lira"),
    ("-20.50", "eksi yirmi lira elli kuruş"),
    (-0.001, "sıfır lira"),
]

TIMES: list[tuple[str, object, str]] = [
    ("date", "2025-01-01", "bir ocak"),
    ("date", "2025-11-22", "yirmi iki kasım"),
    ("date", "2024-02-29T08:00:00", "yirmi dokuz şubat"),
    ("full_date", "2025-08-30", "otuz ağustos iki bin yirmi beş"),
    ("time", "14:30", "on dört otuz"),
    ("time", "14:00", "on dört"),
    ("time", "09:05", "dokuz sıfır beş"),
    ("time", "00:15", "sıfır sıfır on beş"),
    ("time", "00:00", "sıfır sıfır"),
    ("time", "2025-11-22T23:59:59", "yirmi üç elli dokuz"),
    ("time", "2025-11-22 07:10", "yedi on"),
    ("duration", 0, "sıfır saniye"),
    ("duration", 45, "kırk beş saniye"),
    ("duration", 60, "bir dakika"),
    ("duration", 90, "bir dakika otuz saniye"),
    ("duration", 5400, "bir saat otuz dakika"),
    ("duration", 7205, "iki saat"),
    ("duration", 86400, "bir gün"),
    ("duration", 180_000, "iki gün iki saat"),
]

CASES = [
    *[("number", value, words) for value, words in NUMBERS],
    *[("digits", value, words) for value, words in DIGITS],
    *[("ordinal", value, words) for value, words in ORDINALS],
    *[("phone", value, words) for value, words in PHONES],
    *[("ending", value, words) for value, words in ENDINGS],
    *[("money", value, words) for value, words in MONEY],
    *TIMES,
]


@pytest.mark.parametrize(("name", "value", "words"), CASES, ids=lambda part: str(part)[:24])
def test_is_said_as_a_turkish_speaker_says_it(name: str, value: object, words: str) -> None:
    assert SAY[name](value) == words


WORTH = {word: digit for digit, word in enumerate(numbers_tr.DIGITS)} | {
    "on": 10, "yirmi": 20, "otuz": 30, "kırk": 40, "elli": 50, "altmış": 60, "yetmiş": 70, "seksen": 80, "doksan": 90,
}  # fmt: skip
SIZES = {"bin": 10**3, "milyon": 10**6, "milyar": 10**9, "trilyon": 10**12}


def understood(words: str) -> int:
    """The number that a listener hears."""
    total = group = 0
    for word in words.split():
        if word in SIZES:
            total, group = total + (group or 1) * SIZES[word], 0
        elif word == "yüz":
            group = (group or 1) * 100
        else:
            group += WORTH[word]
    return total + group


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 10**12))
def test_a_listener_understands_every_number(number: int) -> None:
    words = numbers_tr.cardinal(number)
    assert understood(words) == number
    assert "bir yüz" not in words
    if number // 1000 % 1000 == 1:
        assert "bir bin" not in words
