"""How long runs of digits are cut so that an ear can follow. Pure."""

from __future__ import annotations


def groups(digits: str) -> tuple[str, ...]:
    """Groups of three and two, never one: "4815" stays whole, "4815162" → ("481", "51", "62")."""
    if len(digits) <= 4:
        return (digits,) if digits else ()
    twos = -len(digits) % 3  # 0, 1 or 2 groups of two at the end make the rest divisible by three
    threes = len(digits) - 2 * twos
    return tuple(digits[i : i + 3] for i in range(0, threes, 3)) + tuple(
        digits[i : i + 2] for i in range(threes, len(digits), 2)
    )


def zeros_and_rest(group: str) -> tuple[int, str]:
    """How many zeros stand in front, and what follows: "007" → (2, "7"), "00" → (2, "")."""
    rest = group.lstrip("0")
    return len(group) - len(rest), rest
