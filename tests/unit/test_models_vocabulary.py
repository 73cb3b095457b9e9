"""The words of a model, read from its files; and near ones for words that it does not know."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.errors import ModelError
from ivr.speech.models.vocabulary import known_words, near
from tests.speech_data import need_model
from tests.unit.models_house import MODEL, WORDS, graph, put_model, symbols


def test_the_words_in_the_graph_count(tmp_path: Path) -> None:
    put_model(tmp_path, {**MODEL, "graph/words.txt": b"other 0\n"})
    assert known_words(tmp_path) == set(WORDS)


def test_the_output_words_of_a_graph_with_both(tmp_path: Path) -> None:
    both = graph(inputs=symbols(("in",)), outputs=symbols(("out", "ş")))
    assert known_words(put_model(tmp_path, {**MODEL, "graph/Gr.fst": both})) == {"out", "ş"}


@pytest.mark.parametrize("own", [graph(), graph(inputs=symbols(("in",)))])
def test_a_graph_without_them_leaves_it_to_the_list(tmp_path: Path, own: bytes) -> None:
    files = {**MODEL, "graph/Gr.fst": own, "graph/words.txt": "<eps> 0\nşifre 1\n\nödeme\t2\n".encode()}
    assert known_words(put_model(tmp_path, files)) == {"<eps>", "şifre", "ödeme"}


def test_models_of_the_first_layout(tmp_path: Path) -> None:
    assert known_words(put_model(tmp_path, {"Gr.fst": graph(outputs=symbols(("evet",)))})) == {"evet"}


def test_a_model_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    put_model(tmp_path)
    assert "new" not in known_words(tmp_path)
    (tmp_path / "graph/Gr.fst").unlink()
    put_model(tmp_path, {"graph/words.txt": b"new 1\n"})
    assert known_words(tmp_path) == {"new"}


GOOD = graph(outputs=symbols(("evet", "hayır")))


@pytest.mark.parametrize(
    "own",
    [
        b"",
        b"no graph at all",
        *[GOOD[:end] for end in range(0, len(GOOD) - 8, 7)],  # the last eight are a number that nobody needs
        graph(outputs=struct.pack("<i", 1)),
        graph(outputs=symbols(())[:-8] + struct.pack("<q", 2**60)),
        graph(outputs=symbols(())[:-8] + struct.pack("<q", -1)),
        graph(outputs=symbols(())[:-8] + struct.pack("<qi", 1, 2**30)),
        graph(outputs=symbols(())[:-8] + struct.pack("<qi", 1, -5)),
        GOOD.replace(b"evet", b"\xff\xff\xff\xff"),
    ],
)
def test_a_damaged_graph_is_told_so(tmp_path: Path, own: bytes) -> None:
    put_model(tmp_path, {**MODEL, "graph/Gr.fst": own})
    with pytest.raises(ModelError, match=r"the words of this model cannot be read .*; get it anew"):
        known_words(tmp_path)


def test_a_model_without_words_is_told_so(tmp_path: Path) -> None:
    put_model(tmp_path, {**MODEL, "graph/Gr.fst": graph()})
    with pytest.raises(ModelError, match="there are none"):
        known_words(tmp_path)


def test_near_words() -> None:
    known = frozenset({"fatura", "faturanı", "kota", "kotan", "arız", "ar", "ödeme"})
    assert near("faturam", known, "amn") == ("fatura",)
    assert near("odeme", known, "oö") == ("ödeme",)
    assert near("kotam", known, "n") == ("kotan", "kota")
    assert near("arızası", known, "x") == ("arız",)
    assert near("arıya", known, "sz") == ()
    assert near("valance", frozenset({"balance"}), "b") == ()
    assert near("a", known, "r") == ()
    assert near("", known, "x") == ()


@pytest.mark.parametrize("language", ["en", "tr"])
def test_vosk_knows_the_same_words(language: str) -> None:
    folder = need_model(language)
    asked = [
        "fatura",
        "faturam",
        "internet",
        "yes",
        "that's",
        "[unk]",
        "<eps>",
        "xyzzyx",
        "şifre",
        "kırk",
        "one",
        "evet",
    ]
    code = (
        "import json, sys, vosk; vosk.SetLogLevel(-1); model = vosk.Model(sys.argv[1]);"
        "print(json.dumps([word for word in json.loads(sys.argv[2]) if model.vosk_model_find_word(word) >= 0]))"
    )
    command = [sys.executable, "-c", code, str(folder), json.dumps(asked)]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    assert json.loads(said) == [word for word in asked if word in known_words(folder)]
