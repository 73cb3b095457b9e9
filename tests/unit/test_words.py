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


TALK = {
    "fault": {"tr": ["arıza", "arıza kaydı", "internetim yok"], "en": ["fault", "no internet"]},
    "bill": {"tr": ["fatura", "faturam", "faturamı öğrenmek istiyorum"], "en": ["bill", "my bill"]},
    "pay": {"tr": ["evet", "öde"], "en": ["yes", "pay"]},
    "stop": {"tr": ["hayır", "vazgeçtim"], "en": ["no", "stop"]},
    "not_mine": {"tr": ["bana ait değil"], "en": ["not mine"]},
    "agent": {"tr": ["temsilci"], "en": ["agent"]},
}


@pytest.mark.parametrize(
    ("words", "language", "expected"),
    [
        ("faturamı öğrenmek istiyorum", "tr", "bill"),
        ("ben fatura için aramıştım", "tr", "bill"),
        ("faturam geldi mi", "tr", "bill"),
        ("faturam doğru değil", "tr", "bill"),
        ("faturamı göremiyorum, faturam gelmedi", "tr", "bill"),
        ("fatura müşteriye gelmedi", "tr", "bill"),
        ("fatura mı", "tr", None),
        ("fatura mıydı", "tr", None),
        ("fatura için mi", "tr", None),
        ("fatura değil", "tr", None),
        ("fatura bu değildi", "tr", None),
        ("fatura değil arıza", "tr", None),
        ("fatura istemiyorum", "tr", None),
        ("istemiyorum fatura falan", "tr", None),
        ("fatura için aramadım", "tr", None),
        ("arıza kaydı değil", "tr", None),  # nor is the fault in it
        ("internetim çalışmıyor, arıza var", "tr", "fault"),
        ("internetim yok", "tr", "fault"),
        ("bu bana ait değil", "tr", "not_mine"),
        ("bana ait değil mi", "tr", None),
        ("temsilci yok mu", "tr", "agent"),
        ("temsilci istemiyorum", "tr", None),
        ("evet", "tr", "pay"),
        ("evet lütfen", "tr", "pay"),
        ("evet öde", "tr", "pay"),
        ("evet, ödemek istiyorum", "tr", "pay"),
        ("evet demiyorum", "tr", None),
        ("evet değil", "tr", None),
        ("evet mi", "tr", None),
        ("evet ama sonra", "tr", None),
        ("evet hayır", "tr", None),
        ("evet vazgeçtim", "tr", None),
        ("öde demedim", "tr", None),
        ("öde mi", "tr", None),
        ("hayır istemiyorum", "tr", "stop"),
        ("hayır vazgeçtim", "tr", "stop"),
        ("tamam vazgeçtim", "tr", "stop"),
        ("I would like to pay", "en", "pay"),
        ("yes please", "en", "pay"),
        ("yes I said no such thing", "en", None),
        ("pay? not now", "en", None),
        ("don't pay", "en", None),
        ("I do not want to pay", "en", None),
        ("no I refuse", "en", "stop"),
        ("not the bill", "en", None),
        ("my bill is not right", "en", "bill"),
        ("it doesn't work, I have a fault", "en", "fault"),
        ("I don't have to see a bill", "en", None),
        ("it is not mine", "en", "not_mine"),
        ("fatura mı", "de", None),
    ],
)
def test_words_that_turn_a_phrase_round(words: str, language: str, expected: str | None) -> None:
    assert match(TALK, words, language) == expected


def test_a_language_that_is_not_known_has_no_words_that_turn_round() -> None:
    assert match({"bill": {"de": ["Rechnung"]}}, "Rechnung nicht", "de") == "bill"


@given(
    st.lists(
        st.sampled_from(["evet", "hayır", "öde", "fatura", "değil", "mi", "istemiyorum", "kaydı", "arıza", "demem"]),
        max_size=6,
    )
)
def test_what_stands_beside_a_phrase_only_takes_away(words: list[str]) -> None:
    """An option is taken by a longest phrase that stands there, and by no other."""
    meant = match(TALK, " ".join(words), "tr")
    said = {name for name, phrases in TALK.items() for phrase in phrases["tr"] if phrase in " ".join(words)}
    assert meant is None or meant in said


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
        ("evet teşekkür ederim", "tr", "yes"),
        ("evet, bu numara", "tr", "yes"),
        ("evet devam edin lütfen", "tr", "yes"),
        ("evet ödemek istiyorum", "tr", "yes"),
        ("aynen öyle", "tr", "yes"),
        ("hayır teşekkürler", "tr", "no"),
        ("kabul etmem", "tr", "no"),
        ("kabul edemem", "tr", "no"),
        ("vazgeçtim", "tr", "no"),
        ("boşver", "tr", "no"),
        ("asla", "tr", "no"),
        ("hayır kalsın", "tr", "no"),
        ("kalsın", "tr", None),  # a yes to "kalsın mı"
        ("iptal", "tr", None),  # a yes to "iptal edelim mi"
        ("evet iptal", "tr", None),
        ("kabul edilemez", "tr", None),
        ("iptal etmek istiyorum", "tr", None),
        ("vazgeçmek istiyorum", "tr", None),
        ("ödemek istiyorum", "tr", None),  # a no to "vazgeçmek mi istiyorsunuz"
        ("temsilci istiyorum", "tr", None),
        ("tamam vazgeçtim", "tr", None),
        ("tamam kalsın", "tr", None),
        ("tamam boşver", "tr", None),
        ("evet demiyorum", "tr", None),
        ("evet ama sonra", "tr", None),
        ("doğru değildi", "tr", None),
        ("doğru söylemiyorsunuz", "tr", None),
        ("asla kabul ediyorum demem", "tr", None),
        ("lütfen", "tr", None),
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
        ("yes it is, thank you", "en", "yes"),
        ("yes I do", "en", "yes"),
        ("okay, go ahead", "en", "yes"),
        ("is that right", "en", None),
        ("ok cancel", "en", None),
        ("cancel", "en", None),  # a yes to "shall I cancel it"
        ("okay forget it", "en", None),
        ("okay leave it", "en", None),
        ("right i refuse", "en", None),
        ("please", "en", None),
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
