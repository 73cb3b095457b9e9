"""Wrong values are refused, in words that do not repeat them: they may be somebody's name or number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech import reading, suffixes_tr
from ivr.speech.grouping import groups
from ivr.speech.saying import filters

SAY = filters("tr", "TR")
ENDINGS = {*suffixes_tr.CASES, "asked"}  # they keep the signs of the text that they are put to

NOT_NUMBERS: list[object] = [
    "", " ", "abc", "12a", "1.250,5", "12,5", "1e5", "0x10", "1_000", "+5", "--5", "5.", ".5", "1.2.3", "٣", "²", "Ⅷ",
    "NaN", "Infinity", "9" * 14, "1000000000000.5", 10**12 + 1, -(10**12) - 1, float("nan"), float("inf"), 1e300,
    True, None, [], {}, b"5", object(),
]  # fmt: skip
NOT_DIGITS: list[object] = ["", "-", " ", "a", "12a", "+90", "1\n2", "1\n", "٣٤", "1.5", -5, 5.0, True, None, ["1"]]
NOT_PHONES: list[object] = [
    "",
    "+",
    "+90",
    "abc",
    "tel:+905321234567",
    "0532;ext=1",
    "0" * 300,
    "٠٥٣٢",
    5321234567,
    None,
]
NOT_SPELLED: list[object] = [
    "", " ", " - ", "a.b", "ad@soyad", "Straße", "André", "٣", "²", "a\nb", "Ⅷ", "a\u0301", -5, 5.0, True, None, ["a"],
]  # fmt: skip
NOT_DATES: list[object] = [
    "", "22.11.2025", "2025-02-30", "yarın", "2025-11-22T10:00Z", "2025-11-22T10:00+03:00", 20251122, None,
]  # fmt: skip
NOT_TIMES: list[object] = [
    "", "9", "25:00", "14:60", "2025-11-22", "14:30Z", "14:30+03:00", "2025-11-22T11:30:00Z", "2025-11-22T", 1430, None,
]  # fmt: skip

REFUSED = [
    *[(name, value) for name in ("number", "percent", "money", "ordinal", "duration") for value in NOT_NUMBERS],
    *[("digits", value) for value in NOT_DIGITS],
    *[("phone", value) for value in NOT_PHONES],
    *[("ending", value) for value in ("", "+", "ab", "4a", None, -1)],
    *[(name, value) for name in ("date", "full_date", "weekday") for value in NOT_DATES],
    *[("time", value) for value in NOT_TIMES],
    *[("spell", value) for value in NOT_SPELLED],
    ("ordinal", -1),
    ("ordinal", 1.5),
    ("duration", -1),
    ("duration", "1.5"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED, ids=lambda part: repr(part)[:16])
def test_junk_is_refused_and_not_repeated(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"need|negative|too large") as refused:
        SAY[name](value)
    if isinstance(value, str) and len(value.strip()) > 3 and value not in ("14:30",):
        assert value.strip() not in str(refused.value)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=30), st.sampled_from(sorted(SAY.keys() - ENDINGS)))
def test_any_text_is_spoken_in_words_or_refused(text: str, name: str) -> None:
    try:
        spoken = SAY[name](text)
    except ValueError:
        return
    assert spoken.replace(" ", "").replace(",", "").isalpha()


def test_a_float_is_the_number_that_people_would_write() -> None:
    assert reading.decimal(0.1 + 0.2) == Decimal("0.3")
    assert reading.decimal(1e-9) == 0
    assert str(reading.decimal(100.0)) == "100"


def test_long_runs_of_digits_are_cut_into_twos_and_threes() -> None:
    for length in range(5, 30):
        cut = groups("1" * length)
        assert {len(group) for group in cut} <= {2, 3}
        assert sum(map(len, cut)) == length
    assert groups("") == ()
    assert groups("1234") == ("1234",)
