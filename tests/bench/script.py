"""What a benchmark's caller does, and what she must hear after each key: the same for Devam and for the dialplan.

The keys walk dialplans/flows/hotline.yaml as a known customer who calls for the first time, and for no reason that can
be seen. All prompts are static, so their sound is made before the first call: synthesis of what is said for the first
time is another matter, and not measured here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from ivr.hotline.reading import read_settings_hotline
from ivr.hotline.voice import make_speaker
from ivr.settings import Settings

# Seconds after the answer. The welcome lasts 4.8 s; the first key comes well within the menu that follows it, and every
# later one while its prompt is still playing: all keys barge in.
FIRST_KEY = 5.3
BETWEEN_KEYS = 0.5
CALL_SECONDS = 7.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Prompts that are played one after the other."""

    language: str
    prompts: tuple[str, ...]


OPENING = (Heard("tr", ("welcome",)), Heard("tr", ("main_menu",)))

# Key → what it leads to. Three keys: most callers of a hotline press two or three.
PRESSES = (
    ("5", Heard("tr", ("nomatch", "main_menu"))),  # no such choice
    ("9", Heard("en", ("main_menu",))),  # English
    ("1", Heard("en", ("symptom",))),  # a fault
)


class Sounds:
    """The sound file of each prompt of the script."""

    def __init__(self, files: Mapping[tuple[str, str], Path]) -> None:
        self._files = files
        self._names = {file.stem: f"{language} {prompt}" for (prompt, language), file in files.items()}

    def media(self, heard: Heard) -> str:
        """As the dialplan's applications want them: paths without suffix, joined by `&`."""
        return "&".join(str(self._files[prompt, heard.language].with_suffix("")) for prompt in heard.prompts)

    def name(self, media: str) -> str:
        """What Asterisk's events call `sound:/…/file` or `/…/file&/…/file`, by its first prompt: "tr nomatch"."""
        stem = PurePath(media.partition("&")[0].removeprefix("sound:")).name
        return self._names.get(stem, "another prompt")


async def make_sounds(settings: Settings) -> Sounds:
    """Have every static prompt made, as a controller does when it starts, and find those of the script."""
    _, book = read_settings_hotline(settings)
    speaker = make_speaker(settings, book)
    try:
        await speaker.build(lambda done, total: None)
        files: dict[tuple[str, str], Path] = {}
        for heard in (*OPENING, *(heard for _, heard in PRESSES)):
            for prompt in heard.prompts:
                spoken = await speaker.speak([prompt], heard.language, {})
                files[prompt, heard.language] = spoken.files[0]
    finally:
        await speaker.aclose()
    return Sounds(files)
