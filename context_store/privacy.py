"""Numbers and names as logs and lists may show them, and a net under the logs for those that slipped through.

Pure text, no I/O. Whoever logs masks by `mask_number` and `mask_name`; `MaskDigits` is for what was forgotten.
"""

from __future__ import annotations

import logging
import re
import unicodedata

_HIDDEN = "•••••"
_BESIDES = re.compile(r"[\s().-]")
_NUMBER = re.compile(r"\+?[0-9]{7,15}")

# What is kept stands first, so that its digits are not seen as a number.
_NET = re.compile(
    r"""
    (?P<kept>
        \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b             # UUID
      | \b(?=[0-9]*[a-f])(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40})\b  # versions, ids
      | \b20[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9-])                 # date
      | (?<![0-9+])1[0-9]{9}\.[0-9]{1,7}(?![0-9])                    # Asterisk's Uniqueid, epoch seconds
    )
    | \+?\d(?:[\s()-]{0,3}\d){6,}                                   # 7 or more digits, of any script
    """,
    re.VERBOSE,
)


def mask_number(number: str | None) -> str:
    """A telephone number with its middle hidden: "+90532•••••67". What is no number is hidden wholly."""
    if number is None:
        return "withheld"
    plain = _BESIDES.sub("", number)
    if not _NUMBER.fullmatch(plain):
        return _HIDDEN
    shown = min(6, max(0, len(plain) - 7))
    return plain[:shown] + "•" * (len(plain) - shown - 2) + plain[-2:]


def mask_name(name: str | None) -> str:
    """The initials: "Ayşe Yılmaz" is "A. Y.". Words that do not begin with a letter, such as numbers, are left out."""
    words = unicodedata.normalize("NFC", name or "").split()
    return " ".join(f"{word[0]}." for word in words[:4] if word[0].isalpha())


def ending(number: str | None) -> str:
    """The last two digits, by which a caller knows the own line again without it being told to others: "41"."""
    return re.sub(r"[^0-9]", "", number or "")[-2:]


def mask_digits(text: str) -> str:
    """Every run of seven or more digits hidden, also when written with blanks, brackets or hyphens.

    Ids of ours, UUIDs, digests, dates and Asterisk's Uniqueid (1763783000.12) stay readable.
    """
    return _NET.sub(lambda found: found["kept"] or "•••••••", text)


class MaskDigits(logging.Filter):
    """Masks digits in what is about to be logged: message, arguments, traceback. Put it on handlers, not on loggers.

    Lets every record pass and never raises.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask `record` in place. Its arguments are put into the message, so that no handler sees them bare."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - an argument's __str__ may raise anything, and a log line must not
            # Left as it is, logging itself would print the bare arguments to stderr.
            message = f"a log line that does not fit its arguments: {record.msg if isinstance(record.msg, str) else ''}"
        record.msg, record.args = mask_digits(message), None
        self._mask_traceback(record)
        return True

    def _mask_traceback(self, record: logging.LogRecord) -> None:
        try:
            if record.exc_info and not record.exc_text:
                record.exc_text = logging.Formatter().formatException(record.exc_info)
        except Exception:  # noqa: BLE001 - as above, for an exception's __str__
            record.exc_text = "a traceback that cannot be printed"
        if record.exc_text and (masked := mask_digits(record.exc_text)) != record.exc_text:
            # Formatters print exc_text; ones that print tracebacks their own way must not find the bare exception.
            record.exc_text, record.exc_info = masked, None
        if record.stack_info:
            record.stack_info = mask_digits(record.stack_info)
