"""The words that a model knows, read as Vosk does: from its graph, or from words.txt. It needs no Vosk. Reads files.

The graph is an OpenFst file: a header, then tables of symbols. All numbers are little-endian.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Collection, Iterator, Set
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from ivr.errors import ModelError
from ivr.speech.models.folder import graph_of

_FST: Final = 2125659606  # how an FST begins, and a table of symbols in it
_TABLE: Final = 2125658996
_INPUT, _OUTPUT = 1, 2  # tables that are in it
_LONGEST: Final = 1000  # bytes of a word
_MOST: Final = 5_000_000  # words
_NEAR: Final = 4  # words that a hint names
_STEM: Final = 3  # letters that near words have in common


def known_words(folder: Path) -> Set[str]:
    """Every word of the model in `folder`. Takes a fifth of a second, the second time nothing. Raises `ModelError`."""
    graph = graph_of(folder)
    try:
        stamps = tuple(
            (path, path.stat().st_mtime_ns) for path in (graph / "Gr.fst", graph / "words.txt") if path.is_file()
        )
        return _read(stamps)
    except (OSError, struct.error, ValueError) as error:
        raise ModelError(f"{graph}: the words of this model cannot be read ({error}); get it anew") from None


def near(word: str, known: Set[str], letters: Collection[str]) -> tuple[str, ...]:
    """Known words that differ by a letter, or that `word` begins with: not more than a few.

    They begin alike, but for signs on letters: "balance" and "valance" are not near, "odeme" and "ödeme" are.
    """
    begins = [word[:end] for end in range(len(word) - 1, max(2, len(word) // 2), -1)]
    candidates = dict.fromkeys((*_one_off(word, letters), *begins))
    found = [one for one in candidates if one in known and _stem(one) == _stem(word)]
    return tuple(found[:_NEAR])


def _stem(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.replace("ı", "i"))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))[:_STEM]


def _one_off(word: str, letters: Collection[str]) -> Iterator[str]:
    for at in range(len(word)):
        yield from (word[:at] + letter + word[at + 1 :] for letter in letters)
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
    for at in range(len(word) + 1):
        yield from (word[:at] + letter + word[at:] for letter in letters)


@lru_cache(maxsize=8)
def _read(stamps: tuple[tuple[Path, int], ...]) -> Set[str]:
    """By files and their times: a model that was replaced is read anew."""
    for path, _ in stamps:
        words = _of_graph(path) if path.suffix == ".fst" else _of_list(path)
        if words:
            return words
    raise ValueError("there are none")


def _of_list(path: Path) -> Set[str]:
    """A word and its number on each line."""
    with path.open(encoding="utf-8") as file:
        return frozenset(line.split(None, 1)[0] for line in file if line.strip())


def _of_graph(path: Path) -> Set[str]:
    """The output words of the graph; none where they are in words.txt instead."""
    with path.open("rb") as file:
        if _number(file) != _FST:
            raise ValueError(f"{path.name} is not a graph")
        _text(file)  # the kind of FST, and that of its arcs
        _text(file)
        _, tables, *_ = struct.unpack("<iiQqqq", file.read(40))
        if not tables & _OUTPUT:
            return frozenset()
        if tables & _INPUT:
            for _ in _table(file):
                pass
        return frozenset(word.decode("utf-8") for word in _table(file))


def _table(file: BinaryIO) -> Iterator[bytes]:
    if _number(file) != _TABLE:
        raise ValueError("a table of words is damaged")
    _text(file)  # its name
    _, size = struct.unpack("<qq", file.read(16))
    if not 0 <= size <= _MOST:
        raise ValueError(f"{size} words")
    for _ in range(size):
        yield _text(file)
        file.read(8)  # the word's number


def _number(file: BinaryIO) -> int:
    return int(struct.unpack("<i", file.read(4))[0])


def _text(file: BinaryIO) -> bytes:
    length = _number(file)
    if not 0 <= length <= _LONGEST:
        raise ValueError(f"a word of {length} bytes")
    text = file.read(length)
    if len(text) != length:
        raise ValueError("the file ends in the middle")
    return text
