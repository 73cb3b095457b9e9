"""What callers say, as text: its normal form, the phrases of options, yes and no."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.scalars import ANY_LANGUAGE
from ivr.flow.words import match, normal, yes_or_no


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("İNTERNETİM YOK", "tr", "internetim yok"),
        ("ARIZA", "tr", "arıza"),
        ("I\u0307ptal", "tr", "iptal"),  # I and a combining dot
        ("i\u0307ptal", "tr", "iptal"),  # İptal, made small without knowing Turkish
        ("İzmir", "en", "izmir"),
        ("Işık", "tr", "ışık"),
        ("IPTAL", "en", "iptal"),
        ("FAULT", "en", "fault"),
        ("Straße", "de", "strasse"),
        ("C\u0327ok güzel", "tr", "çok güzel"),
        ("  Fatura,\tlütfen!\n", "tr", "fatura lütfen"),
        ("e-posta_adresi", "tr", "e posta adresi"),
        ("Türkiye’de", "tr", "türkiye de"),
        ("👍 tamam 👍", "tr", "tamam"),
        ("हिन्दी", "hi", "हिन्दी"),
        ("24 saat", "tr", "24 saat"),
        ("", "tr", ""),
        ("?!…", "tr", ""),
        ("\x00\u200b\ufeff", "tr", ""),
    ],
)
def test_the_normal_form(text: str, language: str, expected: str) -> None:
    assert normal(text, language) == expected


@given(st.text(max_size=600), st.sampled_from(["tr", "en", "de", ""]))
def test_whatever_is_said_has_a_normal_form(text: str, language: str) -> None:
    form = normal(text, language)
    assert len(form) <= 500
    assert form == " ".join(form.split())
    assert unicodedata.is_normalized("NFC", form)


@given(st.text("abcçdefgğhıijklmnoöprsştuüvyz 0123456789", max_size=80))
def test_turkish_capitals_are_the_same_words(text: str) -> None:
    capitals = text.replace("i", "İ").replace("ı", "I").upper()
    assert normal(capitals, "tr") == " ".join(text.split())


PHRASES = {
    "fault": {"tr": ["arıza", "internetim yok"], "en": ["fault", "no internet"]},
    "none": {"tr": ["yok"]},
    "bill": {"tr": ["fatura", "Faturam"], "en": ["bill"]},
    "fibre": {ANY_LANGUAGE: ["fiber"]},
    "silent": {"tr": ["!!!"]},
}


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        ("arıza", "tr", "fault"),
        ("ARIZA!", "tr", "fault"),
        ("Bir arıza var galiba", "tr", "fault"),
        ("benim İNTERNETİM, YOK ki", "tr", "fault"),  # two words are more than "yok"
        ("yok", "tr", "none"),
        ("internetim hâlâ yok", "tr", "none"),  # not one after the other
        ("yok internetim", "tr", "none"),
        ("faturam fatura", "tr", "bill"),
        ("arıza fatura", "tr", None),
        ("arıza yok fatura", "tr", None),
        ("internetim yok fatura", "tr", "fault"),
        ("arızalı", "tr", None),  # whole words only
        ("fault", "tr", None),
        ("fault", "en", "fault"),
        ("FIBER", "en", "fibre"),
        ("fiber", "tr", "fibre"),
        ("fiber", "de", "fibre"),
        ("arıza", "de", None),
        ("", "tr", None),
        ("!!!", "tr", None),
        ("a !!! b", "tr", None),
    ],
)
def test_the_option_that_was_meant(words: str, language: str, expected: str | None) -> None:
    assert match(PHRASES, words, language) == expected


def test_a_tie_is_broken_by_a_longer_phrase_only() -> None:
    same = {"a": {"tr": ["bir"]}, "b": {"tr": ["bir"]}, "c": {"tr": ["bir"]}}
    assert match(same, "bir", "tr") is None
    assert match({**same, "d": {"tr": ["bir iki"]}}, "bir iki", "tr") == "d"
    assert match({}, "bir", "tr") is None


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["tr", "en"]))
def test_a_phrase_alone_is_always_understood(phrase: str, other: str, language: str) -> None:
    said = match({"one": {language: [phrase]}, "two": {language: [other]}}, phrase, language)
    form, rest = normal(phrase, language), normal(other, language)
    alone = bool(form) and form != rest
    assert said == ("one" if alone else None)


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        ("evet", "tr", "yes"),
        ("EVET!", "tr", "yes"),
        ("Evet, lütfen.", "tr", "yes"),
        ("olur", "tr", "yes"),
        ("tamam tabii ki", "tr", "yes"),
        ("TABİİ Kİ", "tr", "yes"),
        ("ONAYLIYORUM", "tr", "yes"),
        ("tamam, sorun yok", "tr", "yes"),
        ("doğrudur", "tr", "yes"),
        ("olsun", "tr", "yes"),
        ("yoo", "tr", "no"),
        ("hayır", "tr", "no"),
        ("HAYIR", "tr", "no"),
        ("hayir", "tr", "no"),
        ("yok yok", "tr", "no"),
        ("olmaz", "tr", "no"),
        ("gerek yok", "tr", "no"),
        ("doğru değil", "tr", "no"),
        ("doğru değil doğru değil", "tr", "no"),
        ("kabul etmiyorum", "tr", "no"),
        ("evet hayır", "tr", None),
        ("hayır, evet", "tr", None),
        ("evet doğru değil", "tr", None),
        ("tamam mı", "tr", None),
        ("bu pek doğru bir şey değil", "tr", None),
        ("yanlış değil", "tr", None),
        ("sorun yok", "tr", None),
        ("bilmiyorum", "tr", None),
        ("evetle", "tr", None),
        ("", "tr", None),
        ("yes", "en", "yes"),
        ("Yes please", "en", "yes"),
        ("that’s right", "en", "yes"),
        ("of course", "en", "yes"),
        ("yes, right now", "en", "yes"),
        ("absolutely", "en", "yes"),
        ("absolutely not", "en", "no"),
        ("no it can't be", "en", "no"),
        ("NO", "en", "no"),
        ("no, it's not", "en", "no"),
        ("of course not", "en", "no"),
        ("not right", "en", "no"),
        ("I don't want that", "en", "no"),
        ("yes no", "en", None),
        ("I'm not sure", "en", None),
        ("that isn't quite right", "en", None),
        ("it is not wrong", "en", None),
        ("no problem", "en", None),
        ("my line is down right now", "en", None),
        ("know nothing", "en", None),
        ("evet", "en", None),
        ("yes", "tr", None),
        ("ja", "de", None),
    ],
)
def test_yes_and_no(words: str, language: str, expected: str | None) -> None:
    assert yes_or_no(words, language) == expected


@pytest.mark.parametrize("piece", ["a", "evet ", "\u0301", "ﷺ", "İ", "internetim ", "don't ", " ", "mi", "\U0001f600"])
def test_a_very_long_text_is_read_only_at_its_beginning(piece: str) -> None:
    long = piece * 10_000
    assert normal(long, "tr") == normal(long[:500], "tr")
    assert match(PHRASES, long + " arıza", "tr") is None
    assert yes_or_no(long + " hayır", "tr") in (None, "yes")
