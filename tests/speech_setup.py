"""Gets the English speech model for the tests, where it can be had: `python -m tests.speech_setup`.

Without it the tests of speech are skipped, and say so; it is no reason to stop.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from ivr.cli_progress import download_bar
from ivr.commands.shared import out, report
from ivr.errors import ModelError
from ivr.speech.models.folder import installed_of
from ivr.speech.models.getting import Wish, get
from tests.speech_data import models

LANGUAGE: Final = "en"


def main() -> None:
    try:
        if there := installed_of(models(), LANGUAGE):
            report(f"{there.folder}: {there.name}")
        else:
            get(Wish(LANGUAGE), models(), report, partial(download_bar, out))
    except ModelError as error:
        report(f"tests of speech will be skipped: {error}")


if __name__ == "__main__":
    main()
