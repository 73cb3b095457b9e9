"""What goes between a caller's place and a vosk-server, and what is made of it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import WSCloseCode
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.listening import UNKNOWN
from ivr.speech.hearing import protocol
from ivr.speech.hearing.protocol import Answer, NotAnswerError, RefusedError, read_answer, read_request
from ivr.speech.hearing.transcript import Transcript


def config(**changes: Any) -> str:
    return json.dumps({"config": {"sample_rate": 16000, "phrase_list": ["bir"], **changes}})


def test_what_one_end_sends_the_other_reads() -> None:
    assert read_request(protocol.config(["iptal", "şikâyet var"])) == ("iptal", "şikâyet var", UNKNOWN)
    assert "şikâyet" in protocol.config(["şikâyet"])  # a vosk-server of before takes no escapes
    assert read_request(protocol.END) is None
    assert read_request('{"eof":1}') is None
    assert read_request(config(sample_rate=16000.0, words=False)) == ("bir",)


def test_any_vosk_server_is_asked_for_what_is_none_of_the_phrases() -> None:
    """Only ours would add it by itself; others would take a word never said for one of the phrases."""
    most = [f"{number}" for number in range(protocol.MOST_PHRASES)]
    assert json.loads(protocol.config(["fatura"]))["config"]["phrase_list"] == ["fatura", "[unk]"]
    assert read_request(protocol.config(most)) == (*most, "[unk]")


@pytest.mark.parametrize(
    "request_text",
    [
        config(phrase_list=[]),
        config(phrase_list=[""]),
        config(phrase_list="bir"),
        config(phrase_list={"a": 1}),
        config(phrase_list=[1]),
        config(phrase_list=[["bir"]]),
        config(phrase_list=None),
        config(phrase_list=["x" * 201]),
        config(phrase_list=["x"] * 2002),
        config(sample_rate=8000),
        config(sample_rate="16000"),
        config(max_alternatives=3),
        json.dumps({"config": {"sample_rate": 16000}}),
        json.dumps({"config": []}),
        json.dumps({"eof": 0}),
        json.dumps({"eof": "1"}),
        "{}",
    ],
)
def test_what_would_not_do_is_refused_with_a_reason(request_text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_request(request_text)
    assert refused.value.code == WSCloseCode.POLICY_VIOLATION
    assert 0 < len(str(refused.value).encode()) <= 123


@pytest.mark.parametrize("request_text", ["", "[", "bir", '{"config":', "[" * 10_000, "null", "[]", "\ud800"])
def test_what_is_no_message_is_refused(request_text: str) -> None:
    with pytest.raises(RefusedError):
        read_request(request_text)


@given(st.text())
def test_nothing_else_is_raised(text: str) -> None:
    for read in (read_request, read_answer):
        with suppress(RefusedError, NotAnswerError):
            read(text)


def test_answers_as_vosk_gives_them() -> None:
    assert read_answer('{\n  "partial" : "bir iki"\n}') == Answer(("bir", "iki"), partial=True)
    assert read_answer('{"partial": ""}') == Answer((), partial=True)
    whole = '{"result": [{"conf": 1.000001, "end": 1.1, "start": 0.5, "word": "bir"}], "text": "bir"}'
    assert read_answer(whole) == Answer(("bir",), (1.000001,))
    assert read_answer('{"text": "bir iki"}') == Answer(("bir", "iki"), (1.0, 1.0))
    assert read_answer('{"text": ""}') == Answer(())


@pytest.mark.parametrize("text", ["", "[]", '{"partial": 3}', '{"result": [{"word": 3}]}', '{"result": [{"conf": 2}]}'])
def test_what_is_no_answer(text: str) -> None:
    with pytest.raises(NotAnswerError):
        read_answer(text)


def test_what_was_heard_is_not_in_errors() -> None:
    with pytest.raises(NotAnswerError) as error:
        read_answer('{"partial": ["internetim kesildi"]}')
    assert "kesildi" not in repr(error.value)
    assert "kesildi" not in repr(Answer(("kesildi",)))


def test_a_transcript_is_put_together() -> None:
    said = Transcript()
    for answer in (Answer(("bir",), partial=True), Answer(("bir", "iki"), (0.9, 0.7)), Answer(("üç",), partial=True)):
        said.add(answer)
    assert said.so_far == "bir iki üç"
    assert said.words == "bir iki"
    said.add(Answer(("üç", "[unk]"), (0.8, 0.1)))
    assert (said.so_far, said.words, said.confidence) == ("bir iki üç [unk]", "bir iki üç [unk]", 0.7)


@pytest.mark.parametrize("word", ["a", "bir", "[unk]", "b" * 1999])
def test_a_transcript_is_no_longer_than_anybody_could_speak(word: str) -> None:
    said = Transcript()
    for _ in range(20):
        said.add(Answer((word,) * 9000, (0.9,) * 9000))
        said.add(Answer((word,) * 9000, partial=True))
    assert 1990 < len(said.so_far) < 2000


def test_what_is_too_long_is_left_out() -> None:
    said = Transcript()
    said.add(Answer(("bir", "b" * 3000, "iki"), (0.8, 0.1, 0.1)))
    assert (said.words, said.confidence) == ("bir", 0.8)


def test_nothing_known_is_nothing_said() -> None:
    said = Transcript()
    assert (said.so_far, said.words, said.confidence) == ("", "", 0.0)
    said.add(Answer(("[unk]", "[unk]"), (1.0, 1.0)))
    assert (said.words, said.confidence) == ("", 0.0)


def test_confidence_is_never_above_one() -> None:
    said = Transcript()
    said.add(Answer(("bir",), (1.0005,)))
    assert said.confidence == 1.0
