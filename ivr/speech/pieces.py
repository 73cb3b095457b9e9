"""A dynamic prompt in pieces: constant text that is made once, and the changing parts with what belongs to them. Pure.

The template marks what comes from a variable (`marked`). A piece ends where a speaker may pause or draw breath: at a
sentence's end, and where a changing part begins or ends, but never inside a word. Fewer than three constant words up to
a pause or another changing part are no piece of their own: they go with the changing part beside them. Joined with
single spaces, the pieces are the prompt's text, word for word. Where nothing in it sounds, there are none.
"""

from __future__ import annotations

import enum
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

FEWEST_WORDS = 3  # of constant text beside a changing part

_BEGIN, _END = "\x02", "\x03"
_TOKEN = re.compile(r"\S+")
_CLOSES = re.compile(r"[.!?…][\"'’”»)\]]*$")
_CLOSED = re.compile(r"[.!?…][\"'’”»)\]]*\s")  # a sentence that another may follow
_UNHEARD = re.compile(r"(?<=[^\W\d_])[.,;:!…]+(?=\s|$)")  # after a letter, at the end of a word
_ID_LENGTH = 8


class After(enum.Enum):
    """What follows a piece in its prompt, and so how long the silence at its end is."""

    END = "end"
    SENTENCE = "sentence"
    CLAUSE = "clause"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a prompt. `changing`: a variable has a part in them. `opens`: a sentence begins with them."""

    text: str
    changing: bool
    after: After
    opens: bool = True

    @property
    def spoken(self) -> str:
        """The text for a synthesiser: where the sentence goes on, its voice must not fall as at an end."""
        return f"{self.text}," if self.after is After.WORD else self.text

    @property
    def id(self) -> str:
        """Eight hexadecimal digits by which its recording is known: of its words, but no stops behind them.

        All else may be heard, above all signs of figures: 1,5 is not 15, and in Turkish "5. kat" is the fifth.
        """
        return hashlib.sha256(_UNHEARD.sub("", self.text).encode()).hexdigest()[:_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class _Word:
    """`closes`: a sentence of the template ends with it; dots of values do not count. `start`: where it is in there."""

    text: str
    changing: bool
    closes: bool
    start: int


_Run = tuple[bool, list[_Word]]  # words in a row, and whether they change


def marked(value: str) -> str:
    """The value of a variable, so that `split` knows it. What it holds of our marks is dropped: nobody hears them."""
    return f"{_BEGIN}{value.replace(_BEGIN, '').replace(_END, '')}{_END}"


def unmarked(text: str) -> str:
    """The text without marks."""
    return text.replace(_BEGIN, "").replace(_END, "")


def one_line(text: str) -> str:
    """Composed letters, single spaces, nothing that a synthesiser could take for a command."""
    if text.isprintable() and " " not in text and unicodedata.is_normalized("NFC", text):
        return text  # as words mostly are: this is done for each of them while a caller waits
    composed = unicodedata.normalize("NFC", text)
    heard = "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in composed)
    return " ".join(heard.split())


def whole(text: str) -> tuple[Piece, ...]:
    """A static prompt: one piece, or none where there is nothing to say."""
    said = one_line(unmarked(text))
    return (Piece(said, False, After.END),) if said else ()


def split(text: str, *, ends: bool = True) -> tuple[Piece, ...]:
    """The pieces of a rendered template with its marks; none where nothing sounds. `ends`: the prompt ends here."""
    words = list(_words(text))
    if not any(map(_sounds, words)):
        return ()
    pieces = [piece for sentence in _sentences(words) for piece in _pieces(sentence)]
    if ends:
        last = pieces[-1]
        pieces[-1] = Piece(last.text, last.changing, After.END, last.opens)
    return tuple(pieces)


def begun(text: str) -> int:
    """Where the last sentence of a text begins that may go on: what is before it is pieces whatever comes."""
    if not _CLOSED.search(text):  # as mostly: this is asked for each way through a template, at each of its nodes
        return len(text) - len(text.lstrip())
    *_, last = [[], *_sentences(_words(text))]
    return last[0].start if last else 0


def _words(text: str) -> Iterator[_Word]:
    """The words; what makes no sound, such as a dash, belongs to the word before it, or else after it."""
    held: _Word | None = None
    for word in _tokens(text):
        if held and not (_sounds(held) and _sounds(word)):
            held = _Word(f"{held.text} {word.text}", held.changing or word.changing, word.closes, held.start)
            continue
        if held:
            yield held
        held = word
    if held:
        yield held


def _sounds(word: _Word) -> bool:
    return any(letter.isalnum() for letter in word.text)


def _tokens(text: str) -> Iterator[_Word]:
    inside = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        changing = inside or _BEGIN in token
        inside = token.rfind(_BEGIN) > token.rfind(_END) or (inside and _END not in token)
        if said := one_line(unmarked(token)):
            closes = not inside and _CLOSES.search(token) is not None
            yield _Word(said, changing, closes, match.start())


def _sentences(words: Iterable[_Word]) -> Iterator[list[_Word]]:
    sentence: list[_Word] = []
    for word in words:
        sentence.append(word)
        if word.closes:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _pieces(sentence: Sequence[_Word]) -> Iterator[Piece]:
    runs = [(changing, list(words)) for changing, words in groupby(sentence, lambda word: word.changing)]
    opens = True
    for changing, words in _glued(runs):
        text = " ".join(word.text for word in words)
        yield Piece(text, changing, _after(text), opens)
        opens = False


def _glued(runs: Sequence[_Run]) -> list[_Run]:
    """Give changing parts the few constant words beside them that belong to them; what changes is in one run then."""
    found: list[_Run] = []
    for place, run in enumerate(runs):
        for joins, words in [run] if run[0] else _shared(run[1], place > 0, place < len(runs) - 1):
            if joins and found and found[-1][0]:
                found[-1][1].extend(words)
            elif words:
                found.append((joins, words))
    return found


def _shared(words: list[_Word], before: bool, after: bool) -> Iterator[_Run]:
    """Constant words, with a changing part `before` them, `after` them or none: what goes with those, what stays."""
    pauses = [place for place, word in enumerate(words, 1) if _after(word.text) is not After.WORD]
    first, last = (pauses[0], pauses[-1]) if pauses else (len(words), 0)
    first = first if before and first < FEWEST_WORDS else 0
    last = last if after and len(words) - last < FEWEST_WORDS else len(words)
    if (before or after) and last - first < FEWEST_WORDS:
        yield True, words
    else:
        yield from ((True, words[:first]), (False, words[first:last]), (True, words[last:]))


def _after(text: str) -> After:
    if _CLOSES.search(text):
        return After.SENTENCE
    return After.WORD if text[-1].isalnum() else After.CLAUSE
