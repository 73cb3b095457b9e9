"""The bank of the sample: looks at a card as a real one would, and takes no money. Keeps and logs nothing of it."""

from __future__ import annotations

from datetime import date

from ivr.services.backoffice.sample_accounts import DECLINED_CARD


def accepts(card: str, expiry: str, today: date) -> bool:
    """Whether a card can be charged. `card`: its digits; `expiry`: MMYY, the last month in which it counts."""
    return card != DECLINED_CARD and _check_digit_is_right(card) and _is_valid(expiry, today)


def _check_digit_is_right(card: str) -> bool:
    """Luhn's sum: every second digit from the right counts twice."""
    doubled = [int(digit) * 2 if place % 2 else int(digit) for place, digit in enumerate(reversed(card))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _is_valid(expiry: str, today: date) -> bool:
    month, year = int(expiry[:2]), 2000 + int(expiry[2:])
    return 1 <= month <= 12 and (year, month) >= (today.year, today.month)
