"""What may be announced to every caller, and for how long. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.errors import SettingsError
from ivr.flow.model import Flow
from ivr.flow.reading.hints import listed
from ivr.speech.book import PromptBook

LONGEST = 500  # characters: about forty seconds
LONGEST_TIME = 7 * 24 * 3600.0  # seconds; what is so for longer belongs into the prompts

_SPAN = re.compile(r"([0-9]{1,5})(m|h|d)")
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}
_FACT = "announcement"


def seconds(span: str) -> float:
    """How long "30m", "2h" or "1d" is. Raises `SettingsError`."""
    found = _SPAN.fullmatch(span.strip())
    length = int(found[1]) * _UNITS[found[2]] if found else 0.0
    if not 60.0 <= length <= LONGEST_TIME:
        raise SettingsError(f"--for {span!r} is no time for an announcement: write 30m, 2h or 1d, at most 7d")
    return length


def checked(texts: Mapping[str, str], flow: Flow, book: PromptBook) -> dict[str, str]:
    """The announcement in every language of the hotline, in one line each. Raises `SettingsError`.

    Also when the hotline never says it: then no caller would hear it.
    """
    if unknown := [language for language in texts if language not in flow.languages]:
        raise SettingsError(f"the hotline does not speak {listed(unknown)}, but {listed(flow.languages)}")
    if missing := [language for language in flow.languages if not texts.get(language, "").strip()]:
        options = " and ".join(f"--{language} TEXT" for language in missing)
        raise SettingsError(f"the hotline speaks {listed(flow.languages)}: add {options}")
    if silent := [language for language in flow.languages if not _says(book, language)]:
        words = " and ".join(f"{{{{ {_FACT}.{language} }}}} in {language}" for language in silent)
        raise SettingsError(
            f"no prompt in {listed(silent)} says the announcement: no caller would hear it.\n"
            f"Write a prompt with {words}, say it in a node that `when: {_FACT}` leads to, and publish"
        )
    return {language: _line(language, text) for language, text in texts.items()}


def _line(language: str, text: str) -> str:
    line = " ".join(text.split())
    if not line.isprintable() or not any(letter.isalpha() for letter in line):
        raise SettingsError(f"the text in {language} has nothing to say, or characters that nobody can say")
    if len(line) > LONGEST:
        raise SettingsError(f"the text in {language} has {len(line)} characters; at most {LONGEST} are heard out")
    return line


def _says(book: PromptBook, language: str) -> bool:
    wanted = f"{_FACT}.{language}"
    return any(wanted in variables for variables in book.variables(language).values())
