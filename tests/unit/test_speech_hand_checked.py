"""Turkish numbers, amounts, dates and suffixes against what people checked by hand: spoken_turkish.tsv.

Its expectations are written from the rules of the language. Where one differs from what is said, find out which of the
two is wrong; never copy what the code says.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ivr.speech.saying import filters
from ivr.speech.templates import Templates

SAY = filters("tr", "TR")
LINES = Path(__file__).with_name("spoken_turkish.tsv").read_text(encoding="utf-8").splitlines()
CHECKED = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")]
FEWEST = {
    ("number", "ordinal"): 80,
    ("money", "percent"): 50,
    ("date", "full_date", "weekday", "time", "duration"): 50,
    ("phone", "digits", "ending", "spell"): 30,
    ("dative", "locative", "ablative", "accusative", "genitive", "asked"): 90,
}


@pytest.mark.parametrize(("names", "value", "words"), CHECKED)
def test_it_is_said_as_it_was_checked(names: str, value: str, words: str) -> None:
    text = f"{{{{ value | {' | '.join(names.split())} }}}}"
    assert Templates("tr", "TR").prompt(text).render({"value": value}) == words


def test_enough_of_every_kind_was_checked() -> None:
    last = Counter(names.split()[-1] for names, *_ in CHECKED)
    assert set(last) == set(SAY)
    assert len(set(CHECKED)) == len(CHECKED)
    for names, fewest in FEWEST.items():
        assert sum(last[name] for name in names) >= fewest, names
