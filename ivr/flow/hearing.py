"""A question that is answered in words, too: when they are listened for, and what becomes of what was said.

Words that are heard may be others than those that were said; where that is likely it is asked back. Words that were
typed are what they are. Whichever comes first counts: after a key, words count no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import get_args

from context_store.records import Doubted, Json, NoteKind
from ivr.flow import asking_back
from ivr.flow.asking import COMPLETE, Ask, Asking
from ivr.flow.events import Spoke
from ivr.flow.global_keys import Meaning
from ivr.flow.handler import AnyNode
from ivr.flow.hours import local_time
from ivr.flow.listening import UNKNOWN, Sayings, of_kind, without_unknown
from ivr.flow.scalars import YES
from ivr.flow.turn import Turn

# Seconds: what the caller says is known long before, unless who listens has forgotten it.
LONGEST_SPEECH = 20.0
WORDS_LIMIT = 200  # characters of what was said that are kept
OF_ALL: tuple[str, ...] = get_args(Meaning)


class Hearing(Asking[AnyNode]):
    """A node that waits for keys or words."""

    def understand(self, turn: Turn, node: AnyNode, words: str) -> str | None:
        """The keys that mean the same as these words; None when they mean nothing here."""
        sayings = self.ask(turn, node).sayings
        return sayings.meaning(words, turn.progress.language, _today(turn)) if sayings else None

    def value(self, turn: Turn, node: AnyNode, keys: str) -> str:
        """What these keys stand for, where it is asked back."""
        return keys

    def reads_back(self, turn: Turn, node: AnyNode) -> bool:
        """Whether the caller is asked anyway if what was understood is right."""
        return False

    def accept_words(self, turn: Turn, node: AnyNode, keys: str, said: Mapping[str, Json]) -> None:
        """The caller has answered in words. `said`: these, and how sure that is, for the log."""
        turn.note(NoteKind.SPOKE, **said)
        self.accept(turn, node, keys)

    # When words are listened for

    def begin(self, turn: Turn, node: AnyNode, lead: tuple[str, ...] = ()) -> None:
        """Ask for the first time. Nothing has been asked back yet."""
        turn.change(asked_back=0)
        asking_back.end(turn)
        super().begin(turn, node, lead)

    def asked(self, turn: Turn, node: AnyNode) -> Ask:
        """What is being asked now; in doubt, whether that was said."""
        if turn.progress.held.doubted:
            return asking_back.question(turn.flow.asks_back(self.question(node)))
        return self.ask(turn, node)

    def prompts(self, turn: Turn, node: AnyNode, ask: Ask) -> tuple[str, ...]:
        """Who can speak is told so; who was not understood, or said nothing, is told of the keys."""
        if ask.spoken and turn.progress.attempts == 0 and self._hears(turn, node):
            can_be_said = ask.sayings and ask.sayings.texts(turn.progress.language)
            return ask.spoken if can_be_said else ask.prompts
        return ask.prompts

    def variables(self, turn: Turn, node: AnyNode) -> Mapping[str, Json] | None:
        """With what was perhaps said."""
        known, doubted = super().variables(turn, node), turn.progress.held.doubted
        return asking_back.variables(known or turn.context(), doubted) if doubted else known

    def speak(self, turn: Turn, node: AnyNode, prompts: tuple[str, ...]) -> None:
        """Ask; who may barge in is listened to from the beginning."""
        super().speak(turn, node, prompts)
        if self.bargein(turn, node):
            self.listen(turn, node)

    def listen(self, turn: Turn, node: AnyNode) -> None:
        """Listen for whatever may be said now, where the caller can be heard. Never for a secret."""
        if turn.progress.listening or turn.progress.phase != "asking" or not self._hears(turn, node):
            return
        sayings, language = self.asked(turn, node).sayings, turn.progress.language
        if sayings and (phrases := sayings.texts(language) + turn.flow.keys.sayings.texts(language)):
            turn.listen(phrases)

    def _hears(self, turn: Turn, node: AnyNode) -> bool:
        """Whether words count here. They do not where it was asked back in vain."""
        progress = turn.progress
        if progress.language not in progress.hears:
            return False
        if not turn.flow.listens(self.question(node)):
            return False
        return progress.held.doubted is not None or asking_back.may(progress)

    # What becomes of what was said

    def speech_began(self, turn: Turn, node: AnyNode) -> None:
        """The caller speaks: be silent until it is known what."""
        turn.stop_playing()
        turn.stop_timer()
        turn.start_timer(LONGEST_SPEECH, speech=True)

    def deaf(self, turn: Turn, node: AnyNode) -> None:
        """Who was speaking is asked again; others notice nothing."""
        if turn.times_speech:
            turn.stop_timer()
            self.again(turn, node)

    def spoke(self, turn: Turn, node: AnyNode, said: Spoke) -> None:
        """Words: as keys where they are digits, else as the kind, or every question, understands them."""
        if not self._wants(turn, node):
            return
        turn.stop_playing()
        turn.stop_timer()
        turn.stop_listening()
        words, meant = without_unknown(said.words), self._meant(turn, node, said.words)
        if meant is None:
            self._nomatch(turn, node)
        elif not self._in_doubt(turn, node, said) or self._asks_anyway(turn, node, meant):
            self._said(turn, node, meant, words, round(said.confidence, 2))
        else:
            self._doubt(turn, node, meant, words, round(said.confidence, 2))

    def _meant(self, turn: Turn, node: AnyNode, words: str) -> str | None:
        """Keys that are an answer, or what every question takes."""
        ask, dense = self.asked(turn, node), "".join(words.split())
        if dense.isascii() and dense.isdecimal():
            keys: str | None = dense
        elif turn.progress.held.doubted and ask.sayings:
            keys = ask.sayings.meaning(words, turn.progress.language, _today(turn))
        else:
            keys = self.understand(turn, node, words)
        if keys is not None and ask.judge(keys) in COMPLETE:
            return keys
        return turn.flow.keys.sayings.meaning(words, turn.progress.language, _today(turn))

    def _in_doubt(self, turn: Turn, node: AnyNode, said: Spoke) -> bool:
        """Whether it may well be that something else was said. What is typed is what it is."""
        own = self.question(node).confidence
        wanted = turn.flow.defaults.confidence if own is None else own
        return bool(said.id) and (said.confidence < wanted or UNKNOWN in said.words)

    def _asks_anyway(self, turn: Turn, node: AnyNode, meant: str) -> bool:
        """Whether it is a value that is read back: not what every question takes, and no yes to what was doubted."""
        return meant not in OF_ALL and not turn.progress.held.doubted and self.reads_back(turn, node)

    def _said(self, turn: Turn, node: AnyNode, meant: str, words: str, confidence: float) -> None:
        """It is clear what was said."""
        said = {"words": words[:WORDS_LIMIT], "confidence": confidence}
        keyed_in = self.ask(turn, node).sayings is None  # a secret's words stand nowhere
        turn.hold(keys="", closing=turn.progress.held.closing)
        if meant in OF_ALL:
            if not keyed_in:
                turn.note(NoteKind.SPOKE, **said)
            self.obey(turn, node, meant)
        elif turn.progress.held.doubted or keyed_in:
            self._accepted(turn, node, meant)
        else:
            self.accept_words(turn, node, meant, said)

    def _doubt(self, turn: Turn, node: AnyNode, meant: str, words: str, confidence: float) -> None:
        """Ask back, as often as that may be. Yes and no, which are said in one breath, are asked for again."""
        heard, heard_as = self._perhaps(turn, node, meant, words)
        may = turn.flow.asks_back(self.question(node)) and asking_back.may(turn.progress)
        if heard_as == "yes_no" or not may:
            self._nomatch(turn, node)
        else:
            asking_back.begin(turn, Doubted(words[:WORDS_LIMIT], confidence, meant, heard[:WORDS_LIMIT], heard_as))
            self.again(turn, node)

    def _perhaps(self, turn: Turn, node: AnyNode, meant: str, words: str) -> tuple[str, str]:
        """What was perhaps said, and what it is, as `Doubted` has them."""
        asked = turn.flow.keys if meant in OF_ALL else self.asked(turn, node)
        language, sayings = turn.progress.language, asked.sayings or Sayings()
        match sayings.kind:
            case None:
                phrase = sayings.phrase(meant, words, language)
                return phrase, "yes_no" if phrase in of_kind("yes_no").texts(language) else "words"
            case "yes_no" | "letters" as kind:
                return words, kind
            case "digit":
                return self.value(turn, node, meant), "digits"
            case kind:
                return self.value(turn, node, meant), kind

    def _accepted(self, turn: Turn, node: AnyNode, keys: str) -> None:
        doubted = turn.progress.held.doubted
        if doubted is None:
            super()._accepted(turn, node, keys)
        elif keys == YES:
            asking_back.end(turn)
            self._said(turn, node, doubted.means, doubted.words, doubted.confidence)
        else:
            self._not_said(turn, node)

    def _miss(self, turn: Turn, node: AnyNode, kind: NoteKind, tapered: tuple[str, ...]) -> None:
        if turn.progress.held.doubted:
            self._not_said(turn, node)
        else:
            super()._miss(turn, node, kind, tapered)

    def _not_said(self, turn: Turn, node: AnyNode) -> None:
        """Something else was said, or nobody tells: that counts as no attempt."""
        asking_back.end(turn)
        self.again(turn, node)

    def obey(self, turn: Turn, node: AnyNode, what: str, key: str = "") -> None:
        """Whatever it is but to hear it again: what was perhaps said at this question does not matter any more."""
        if what != "repeat":
            asking_back.end(turn)
        super().obey(turn, node, what, key)


def _today(turn: Turn) -> date:
    """Where the callers are."""
    return local_time(turn.at, turn.hotline.zone).date()
