"""What the engine listens for, and what it does with what was heard."""

from __future__ import annotations

import pytest

from context_store.records import NoteKind
from ivr.flow.commands import HangUp, Listen, Play, StopListening, StopPlaying, Transfer, Write
from ivr.flow.events import SpeechBegan, Spoke
from ivr.flow.reading.loader import parse_flow
from tests.unit.identity_house import identify
from tests.unit.player import Player
from tests.unit.spoken_house import FLOW, HEARD, TEXT, at


def test_a_question_listens_with_its_prompt_for_its_phrases_and_those_of_every_question() -> None:
    call = Player(FLOW, hears=("tr",))
    assert call.listens is None, "a say does not listen"
    listen = call.hear().listens
    assert listen
    assert listen.language == "tr"
    assert listen.id == call.progress.listening
    assert {"arıza", "internetim kesildi", "fatura", "english", "tekrar", "geri", "temsilci"} <= set(listen.phrases)
    assert "fault" not in listen.phrases
    assert call.said == ("pick_spoken",)
    assert call.hear().listens is None, "it listens already"


@pytest.mark.parametrize("hears", [(), ("en",)])
def test_nobody_listens_whose_language_is_not_heard(hears: tuple[str, ...]) -> None:
    call = at(hears=hears)
    assert (call.listens, call.progress.listening, call.said) == (None, "", ("pick",))
    call.send(Spoke(call.now, "fatura", 0.9, "l1"))
    assert call.last == ()


def test_without_bargein_it_listens_at_the_prompts_end() -> None:
    call = at("bütün")
    assert call.listens is None
    assert call.progress.listening == ""
    assert call.stopped_listening
    assert call.hear().listens
    assert call.say("bir").node == "bye"


def test_for_one_digit_it_listens_to_digits_only() -> None:
    flow = parse_flow(TEXT.replace("length: 3", "length: 1"), "spoken.yaml")
    call = Player(flow, hears=HEARD).hear().type("rakam")
    assert call.listens
    assert {"üç", "temsilci"} < set(call.listens.phrases)
    assert not {"otuz", "lütfen"} & set(call.listens.phrases)
    call.say("üç", 0.2)
    assert (call.variables["heard"], call.variables["heard_as"]) == ("3", "digits")
    assert call.say("evet").node == "bye"


def test_words_choose_and_are_told_with_their_confidence() -> None:
    call = at().begin_to_speak().say("fatura", 0.91)
    assert call.node == "bye"
    assert call.told(NoteKind.SPOKE) == [{"words": "fatura", "confidence": 0.91, "choice": "bill"}]
    assert call.stopped_listening
    assert call.progress.listening == ""


def test_speech_stops_the_prompt_and_waits_for_its_end() -> None:
    call = at().begin_to_speak()
    assert call.stopped
    assert call.waits == 20
    assert call.silence().told(NoteKind.NOINPUT) == [{"attempt": 1}]
    assert call.said == ("noinput", "pick")
    assert call.listens, "it goes on listening"


def test_what_comes_under_another_id_changes_nothing() -> None:
    call = at()
    before = call.progress
    for stale in ("", "l1", "p1", "x"):
        call.send(SpeechBegan(call.now, stale))
        assert (call.last, call.progress) == ((), before)
    call.send(Spoke(call.now, "fatura", 0.9, "x"))
    assert (call.last, call.progress) == ((), before)


def test_nothing_that_was_understood_is_a_nomatch_and_tells_the_keys() -> None:
    call = at().begin_to_speak().say("", 0.0)
    assert call.said == ("nomatch", "pick")
    assert call.listens
    assert call.told(NoteKind.SPOKE) == []


def test_a_key_is_first_and_words_count_no_more() -> None:
    call = at("rakam")
    listening = call.progress.listening
    call.begin_to_speak().press("1")
    assert call.stopped_listening
    assert call.progress.listening == ""
    call.send(Spoke(call.now, "yüz kırk iki", 0.9, listening))
    assert call.last == ()
    assert call.press("42").node == "bye"
    assert call.progress.answers["digits"].value == "142"


def test_keys_that_come_to_nothing_let_it_listen_again() -> None:
    call = at("rakam").press("1").silence()
    assert call.said == ("nomatch", "digits")
    assert call.listens
    assert call.say("yüz kırk iki").progress.answers["digits"].value == "142"


def test_commands_are_not_more_than_are_needed() -> None:
    call = at().say("rakam")
    assert [type(command) for command in call.last].count(Listen) == 1
    assert not call.stopped_listening, "a new one takes the place of the old"
    call.press("1")
    assert [type(command) for command in call.last if isinstance(command, StopListening | StopPlaying)] == [
        StopPlaying,
        StopListening,
    ]


@pytest.mark.parametrize("words", ["şifre", "bütün", "temsilci", "fatura"])
def test_it_is_stopped_before_what_follows_is_said(words: str) -> None:
    call = at().say(words)
    commands = [type(command) for command in call.last if not isinstance(command, Write)]
    assert commands[:2] == [StopPlaying, StopListening]
    assert commands[2:] in ([Play], [HangUp])


def test_secrets_are_never_listened_for_and_their_words_never_told() -> None:
    call = at("şifre")
    assert (call.listens, call.progress.listening) == (None, "")
    assert call.hear().listens is None
    call.type("4711")
    assert call.node == "bye"
    assert all("4711" not in str(note) for note in call.notes)
    assert [note["words"] for note in call.told(NoteKind.SPOKE)] == ["şifre"]


@pytest.mark.parametrize(
    ("words", "node"), [("1234 temsilci", "people"), ("şifrem 1234 tekrar", "code"), ("1234 geri", "pick")]
)
def test_a_secret_typed_beside_what_every_question_takes_is_told_nowhere(words: str, node: str) -> None:
    call = at("şifre").hear().type(words)
    assert call.node == node
    assert all("1234" not in str(note) for note in call.notes)
    assert len(call.told(NoteKind.WANTED)) == 1


def test_what_every_question_takes_is_told_as_it_was_said() -> None:
    assert at("rakam").say("temsilci").told(NoteKind.SPOKE)[-1] == {"words": "temsilci", "confidence": 0.9}


def test_a_node_that_says_so_does_not_listen() -> None:
    call = at("sağır")
    assert call.hear().listens is None


def test_the_language_of_a_choice_is_what_is_listened_for() -> None:
    listen = at().say("english").listens
    assert listen
    assert listen.language == "en"
    assert "bill" in listen.phrases
    assert "fatura" not in listen.phrases
    assert at(hears=("tr",)).say("english").listens is None


def test_what_every_question_takes_can_be_said() -> None:
    call = at("rakam").say("temsilci")
    assert (call.node, call.told(NoteKind.WANTED)) == ("people", [{"key": "", "what": "agent"}])
    assert call.stopped_listening
    assert isinstance(call.hear().ending, Transfer)
    assert at("rakam").say("geri").node == "pick"
    call = at("rakam").say("tekrar")
    assert (call.said, call.progress.attempts) == (("digits_spoken",), 0)
    assert at().type("temsilci").node == "people", "typed, too"


def test_values_are_said_and_told_before_they_are_kept() -> None:
    call = at("rakam").say("yüz kırk iki", 0.876)
    kinds = [note.kind for note in call.notes if note.node == "digits"]
    assert kinds == [NoteKind.SAID, NoteKind.SPOKE, NoteKind.ANSWERED]
    assert call.told(NoteKind.SPOKE)[-1] == {"words": "yüz kırk iki", "confidence": 0.88}


class TestDoubt:
    """Asking back."""

    @pytest.mark.parametrize(("words", "confidence"), [("fatura", 0.4), ("[unk] fatura", 0.95)])
    def test_it_is_asked_back_and_yes_takes_it(self, words: str, confidence: float) -> None:
        call = at().begin_to_speak().say(words, confidence)
        assert call.said == ("ask_back",)
        assert call.variables["heard"] == "fatura"
        assert call.variables["heard_as"] == "words"
        assert call.told(NoteKind.DOUBTED) == [{"words": "fatura", "confidence": confidence}]
        listen = call.listens
        assert listen
        assert "evet" in listen.phrases
        assert "arıza" not in listen.phrases
        call.say("evet")
        assert call.node == "bye"
        assert call.told(NoteKind.SPOKE) == [{"words": "fatura", "confidence": confidence, "choice": "bill"}]
        assert call.progress.held.doubted is None

    def test_keys_answer_it_too(self) -> None:
        assert at().say("fatura", 0.4).press("1").node == "bye"
        call = at().say("fatura", 0.4).press("2")
        assert (call.node, call.said, call.progress.attempts) == ("pick", ("pick_spoken",), 0)

    @pytest.mark.parametrize("answer", ["no", "silence", "nonsense", "doubtful", "key"])
    def test_whatever_is_not_yes_asks_the_question_again(self, answer: str) -> None:
        call = at().say("fatura", 0.4)
        match answer:
            case "no":
                call.say("hayır")
            case "silence":
                call.hear().silence()
            case "nonsense":
                call.say("")
            case "doubtful":
                call.say("evet", 0.3)
            case "key":
                call.press("7")
        assert (call.node, call.said[-1], call.progress.attempts) == ("pick", "pick_spoken", 0)
        assert call.progress.held.doubted is None
        assert call.listens
        assert "arıza" in call.listens.phrases

    def test_twice_at_most_then_keys(self) -> None:
        call = at().say("fatura", 0.4).say("hayır").say("arıza", 0.4)
        assert call.said == ("ask_back",)
        call.say("hayır")
        assert (call.said, call.listens, call.progress.listening) == (("pick",), None, "")
        assert call.stopped_listening
        assert call.hear().listens is None
        assert call.silence().said == ("noinput", "pick")
        assert call.listens is None
        call.press("1")
        assert (call.node, call.progress.asked_back) == ("sure", 0)
        assert call.listens, "the next question listens"

    def test_a_doubtful_yes_or_no_is_a_nomatch(self) -> None:
        call = at("arıza").say("evet", 0.4)
        assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
        assert call.progress.asked_back == 0

    def test_a_phrase_that_says_yes_or_no_is_not_asked_back_either(self) -> None:
        call = at("arıza").type("evet").say("evet", 0.4)
        assert call.told(NoteKind.NOMATCH) == [{"attempt": 1}]
        assert (call.node, call.progress.asked_back) == ("agreed", 0)

    def test_what_every_question_takes_is_doubted_at_a_yes_or_no_too(self) -> None:
        call = at("arıza").say("temsilci", 0.4)
        assert call.said == ("ask_back",)
        assert call.say("temsilci", 0.4).said == ("ask_back",), "also where it is asked back"
        assert call.say("temsilci", 0.4).said == ("sure",), "but no third time"
        assert call.listens is None

    @pytest.mark.parametrize("where", ["okuma", "rakam"])
    @pytest.mark.parametrize("answer", ["evet", "hayır"])
    def test_a_doubtful_answer_to_it_counts_nowhere(self, where: str, answer: str) -> None:
        call = at(where)
        asked = call.said
        call.say("temsilci", 0.4).say(answer, 0.2)
        assert (call.said, call.progress.attempts, call.progress.held.doubted) == (asked, 0, None)
        assert call.told(NoteKind.WANTED) == []

    def test_what_is_read_back_anyway_is_not_asked_back(self) -> None:
        call = at("okuma").say("yüz elli", 0.3)
        assert call.said == ("is_it",)
        assert call.told(NoteKind.DOUBTED) == []
        assert call.say("evet").progress.answers["read"].value == "150"

    @pytest.mark.parametrize(
        ("where", "words", "heard", "heard_as"),
        [
            ("", "internetim kesildi", "internetim kesildi", "words"),
            ("", "temsilci", "temsilci", "words"),
            ("rakam", "yüz kırk iki", "142", "digits"),
        ],
    )
    def test_what_was_perhaps_said_is_named(self, where: str, words: str, heard: str, heard_as: str) -> None:
        call = at(where).say(words, 0.2)
        assert (call.variables["heard"], call.variables["heard_as"]) == (heard, heard_as)

    def test_what_every_question_takes_is_asked_back_too(self) -> None:
        call = at("rakam").say("temsilci", 0.2)
        assert (call.node, call.said) == ("digits", ("ask_back",))
        assert call.say("evet").node == "people"

    def test_the_keys_of_every_question_work_there(self) -> None:
        call = at().say("fatura", 0.4).press("0")
        assert call.node == "people"
        assert call.progress.held.doubted is None
        call = at().say("fatura", 0.4).press("*")
        assert call.said == ("ask_back",), "what is repeated is what was asked last"
        call = at("rakam").say("yüz", 0.4).press("#")
        assert (call.node, call.progress.held.doubted) == ("pick", None)

    def test_what_is_typed_is_never_in_doubt(self) -> None:
        call = at()
        call.send(Spoke(call.now, "fatura", 0.1))
        assert call.node == "bye"

    def test_after_a_takeover_the_question_is_asked_again(self) -> None:
        call = at().say("fatura", 0.4).take_over(hears=("tr",))
        assert (call.said, call.progress.asked_back) == (("pick_spoken",), 1)
        assert call.listens
        assert "arıza" in call.listens.phrases
        call = at().say("fatura", 0.4).take_over()
        assert (call.said, call.listens) == (("pick",), None)


class TestDeaf:
    """The recogniser is gone."""

    def test_nothing_is_heard_of_it(self) -> None:
        call = at().become_deaf()
        assert call.last == ()
        assert (call.progress.hears, call.progress.listening) == ((), "")
        assert call.hear().waits == 5.0
        assert call.silence().said == ("noinput", "pick")
        assert call.listens is None

    def test_who_was_speaking_is_asked_for_keys(self) -> None:
        call = at().begin_to_speak().become_deaf()
        assert (call.said, call.progress.attempts, call.listens) == (("pick",), 0, None)
        assert call.press("2").node == "bye"

    def test_who_has_begun_to_press_keys_goes_on(self) -> None:
        call = at("rakam").begin_to_speak().press("1").become_deaf()
        assert call.last == ()
        assert call.press("42").node == "bye"

    def test_while_nobody_is_asked_it_is_only_known(self) -> None:
        call = Player(FLOW, hears=("tr",)).become_deaf()
        assert call.last == ()
        assert call.hear().said == ("pick",)


def test_a_takeover_listens_again_with_what_is_asked_again() -> None:
    call = at("rakam")
    before = call.progress.listening
    call.take_over(hears=("tr",))
    assert call.listens
    assert call.listens.id != before
    assert not call.stopped_listening
    assert call.said == ("digits_spoken",)


def test_who_hangs_up_is_not_listened_to() -> None:
    call = at().hang_up()
    assert call.stopped_listening
    assert call.progress.listening == ""
    call.send(Spoke(call.now, "fatura", 0.9, "l5"))
    assert call.last == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("[unk] yüz kırk iki [unk]", "ask_back"),  # perhaps it was forced
        ("yüz [unk] kırk iki", "nomatch"),  # a digit may be missing
        ("[unk] [unk]", "nomatch"),
        ("[unk]", "nomatch"),
    ],
)
def test_in_a_number_nothing_may_be_missing(words: str, said: str) -> None:
    assert at("rakam").say(words).said[0] == said


@pytest.mark.parametrize("words", ["[unk]", "[unk] [unk]", ""])
def test_a_sound_is_no_surname(words: str) -> None:
    call = Player(identify("last_order"), hears=("tr",)).say(words)
    assert (call.said[0], call.progress.step) == ("nomatch", "surname")
