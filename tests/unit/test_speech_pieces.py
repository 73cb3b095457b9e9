"""Prompts in pieces: where they break, that nothing is lost, and that what is constant is known before a call."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech import pieces
from ivr.speech.foreseen import MOST_WAYS
from ivr.speech.pieces import After, Piece, marked, one_line, split, unmarked
from ivr.speech.templates import LONGEST_SOURCE, Prompt, TemplateMistakes, Templates

DEEP = "the text is nested too deeply"
NOISE = 'a b. c, d! é\u0301\u0130\u00a0\t\n\x00\x02\x03…—-"” '


def prompt(text: str, language: str = "tr") -> Prompt:
    return Templates(language, "TR").prompt(text)


def said(text: str, **variables: Any) -> list[tuple[str, bool, After]]:
    return [(piece.text, piece.changing, piece.after) for piece in prompt(text).pieces(variables)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hiç değişmeyen bir cümle. Bir daha.", ["Hiç değişmeyen bir cümle. Bir daha."]),
        ("Kayıt numaranız, {{ x }}. Ekibimiz gelecek.", ["*Kayıt numaranız, bir.", "Ekibimiz gelecek."]),
        ("Bu kaydınızın numarası, {{ x }}.", ["Bu kaydınızın numarası,", "*bir."]),
        ("Bu kaydınızın numarası {{ x }}.", ["Bu kaydınızın numarası", "*bir."]),
        ("Sonu {{ x }} ile biten hattınız.", ["*Sonu bir", "ile biten hattınız."]),
        ("{{ x }}'in bütün hatları kapalı.", ["*bir'in", "bütün hatları kapalı."]),
        ("{{ x }} - {{ x }}.", ["*bir - bir."]),
        ("{{ x }} lira {{ x }} kuruş borcunuz var.", ["*bir lira bir", "kuruş borcunuz var."]),
        ("{{ x }} idi, ama bütün borcunuz kaldı.", ["*bir idi,", "ama bütün borcunuz kaldı."]),
        ("Bu ay eklenenler: {{ x }}. Tamam.", ["Bu ay eklenenler:", "*bir.", "Tamam."]),
        ("{{ x }} için bire, sonu {{ x }} olan için ikiye basın.",
         ["*bir için bire, sonu bir", "olan için ikiye basın."]),
        ("{{ x }} olan için bire, sonu {{ x }}.", ["*bir", "olan için bire,", "*sonu bir."]),
        ("({{ x }}) numaralı arıza kaydınız. Açık mı? Evet!",
         ["*(bir)", "numaralı arıza kaydınız.", "Açık mı?", "Evet!"]),
        ("{{ x }}{{ x }}", ["*birbir"]),
        ("{% if x %}Hattınız açık, sorun yok. {% endif %}{{ x }}", ["Hattınız açık, sorun yok.", "*bir"]),
        ("Saat 14.30 olunca arayacağız. {{ x }}", ["Saat 14.30 olunca arayacağız.", "*bir"]),
    ],
)  # fmt: skip
def test_pieces_break_where_a_speaker_would(text: str, pieces: list[str]) -> None:
    found = [("*" if changing else "") + words for words, changing, _ in said(text, x="bir")]
    assert found == pieces


def test_what_follows_a_piece_tells_how_long_its_silence_is() -> None:
    found = said("Son faturanızın tutarı {{ x }}, bir daha gelmeyecek olan. Tamam. {{ x }}", x="bir")
    assert [after for _, _, after in found] == [
        After.WORD, After.CLAUSE, After.SENTENCE, After.SENTENCE, After.END,
    ]  # fmt: skip


def test_where_a_sentence_goes_on_the_voice_is_kept_up() -> None:
    assert Piece("Kayıt numaranız", False, After.WORD).spoken == "Kayıt numaranız,"
    for after in (After.CLAUSE, After.SENTENCE, After.END):
        assert Piece("Kayıt numaranız", False, after).spoken == "Kayıt numaranız"


def test_dots_of_a_value_end_no_sentence_of_ours() -> None:
    found = said("Yeni {{ x }} adına açılan bir kayıt var.", x="A. Ş. Veli.")
    assert [words for words, _, _ in found] == ["Yeni A. Ş. Veli.", "adına açılan bir kayıt var."]


def to_hear(text: str) -> str:
    """The text in one line, and nothing where nothing in it sounds."""
    line = one_line(unmarked(text))
    return line if any(letter.isalnum() for letter in line) else ""


@pytest.mark.parametrize("value", ["", " ", "—", "\u200b"])
def test_where_nothing_sounds_there_is_no_piece(value: str) -> None:
    assert said("{{ x }}.", x=value) == []
    assert prompt("{% if x %}… {% endif %}{{ x }}").constants == ()


def test_a_value_without_a_sound_is_no_piece() -> None:
    found = said("Kaydınızın bugünkü son durumu {{ x }}", x="—")
    assert all(any(letter.isalnum() for letter in words) for words, _, _ in found)


def id_of(text: str) -> str:
    return Piece(text, False, After.END).id


def test_the_id_is_of_the_words_whatever_commas_and_stops_follow_them() -> None:
    one = id_of("Tamam, bitti.")
    assert {id_of(text) for text in ("Tamam bitti", "Tamam: bitti!", "Tamam… bitti;")} == {one}
    assert id_of("Tamam, bitti?") != one  # a question sounds otherwise
    assert Piece("Tamam, bitti.", False, After.WORD, opens=False).id == one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dakikası 1,5 liradır.", "Dakikası 15 liradır."),
        ("Ücret 1.250 lira", "Ücret 1,250 lira"),
        ("Sıcaklık -5", "Sıcaklık 5"),
        ("Ücretler %20 arttı", "Ücretler 20 arttı"),
        ("Saat 8:30", "Saat 830"),
        ("7/24 açık", "724 açık"),
        ("e-posta 0-5", "eposta 05"),
        ("5. kat", "5 kat"),
        ("1, 5 lira", "1 5 lira"),
        ("SINIR", "sinir"),
        ("Sınır", "Sinir"),
    ],
)
def test_words_that_say_other_things_are_not_one_recording(one: str, other: str) -> None:
    assert id_of(one) != id_of(other)


@given(st.text(NOISE + string.ascii_letters, max_size=80))
def test_any_text_is_kept_word_for_word(text: str) -> None:
    for line in (text, marked(text), f"a{marked(text)}b", f"{marked(text)}. {text}"):
        pieces = split(line)
        assert " ".join(piece.text for piece in pieces) == to_hear(line)
        assert all(piece.text == " ".join(piece.text.split()) != "" for piece in pieces)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{{{{ {'(' * 500}a{')' * 500} }}}}", DEEP),
        (f"{'{% if a %}' * 150}x{'{% endif %}' * 150}", DEEP),
        (f"{{{{ {'-' * 900}1 }}}}", DEEP),
        ("a" * (LONGEST_SOURCE + 1), "the text has 4001 characters"),
    ],
)
def test_a_text_that_is_too_much_is_a_mistake(text: str, told: str) -> None:
    with pytest.raises(TemplateMistakes, match=told):
        prompt(text)


def test_a_long_text_with_many_ways_is_read_with_little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    words = pieces._words

    def counted(text: str) -> Any:
        nonlocal looked
        looked += 1
        return words(text)

    monkeypatch.setattr(pieces, "_words", counted)
    prompt("{% if a %}1.5{% endif %}{% if b %}y{% endif %} " * 80)
    assert looked == MOST_WAYS  # once at the end of each way


WORDS = ["bir", "iki", "Kayıt", "hat", "var.", "açık,", "için", "mı?", "—", "on iki", "..."]
TEXT = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)


@st.composite
def templates(draw: st.DrawFn, depth: int = 2) -> str:
    """Texts, values, and branches, with and without spaces between them."""
    parts: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["text", "value", "if"] if depth else ["text", "value"]))
        if kind == "text":
            parts.append(draw(TEXT))
        elif kind == "value":
            parts.append(draw(st.sampled_from(["{{ x }}", "{{ y | number }}", "{{ z | default('') }}"])))
        else:
            inner, other = draw(templates(depth - 1)), draw(templates(depth - 1))
            condition = draw(st.sampled_from(["a", "b", "a and b"]))
            parts.append(f"{{% if {condition} %}}{inner}{{% else %}}{other}{{% endif %}}")
        parts.append(draw(st.sampled_from(["", " ", ", ", ". "])))
    return "".join(parts)


VALUES = st.text(string.ascii_letters + " .,", min_size=1, max_size=12).filter(lambda text: text.strip(" .,") != "")


@settings(max_examples=300)
@given(templates(), VALUES, st.integers(0, 999), VALUES, st.booleans(), st.booleans())
def test_pieces_are_the_text_and_their_constants_are_foreseen(
    text: str, x: str, y: int, z: str, a: bool, b: bool
) -> None:
    made = prompt(text)
    variables: dict[str, Any] = {"x": x, "y": y, "z": z, "a": a, "b": b}
    pieces = made.pieces(variables)
    rendered = made.template.render(variables)
    whole = one_line(rendered) if made.is_static else to_hear(rendered)
    assert " ".join(piece.text for piece in pieces) == whole == made.render(variables)
    if not made.is_static:
        constant = {piece for piece in pieces if not piece.changing}
        assert constant <= set(made.constants)


@given(templates(), st.sampled_from(["", "  ", "-", "\u200b"]))
def test_values_without_a_word_lose_nothing_either(text: str, x: str) -> None:
    made = prompt(text)
    variables: dict[str, Any] = {"x": x, "y": 1, "a": True, "b": False}
    rendered = made.template.render(variables)
    assert made.render(variables) == (one_line(rendered) if made.is_static else to_hear(rendered))


def test_ways_without_end_are_not_gone() -> None:
    branches = "".join(f"{{% if a{n} %}}kelime{n} {{% endif %}}" for n in range(30))
    made = prompt(f"{branches} son söz burada {{{{ x }}}}")
    assert 0 < len(made.constants) <= MOST_WAYS + 1
    every = made.pieces({f"a{n}": True for n in range(30)} | {"x": "bir"})
    assert every[0].text.startswith("kelime0 kelime1")


def test_ends_of_sentences_keep_the_ways_apart() -> None:
    branches = "".join(f"{{% if a{n} %}}Bu seçenek {n}.{{% else %}}Başka bir şey {n}.{{% endif %}} " for n in range(20))
    made = prompt(f"{branches} Son söz: {{{{ x }}}}")
    assert {piece.text for piece in made.constants} == {
        f"{words} {n}." for n in range(20) for words in ("Bu seçenek", "Başka bir şey")
    }
