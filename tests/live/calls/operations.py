"""Somebody of operations: small hotlines as files, each before and after a change, and the `ivr` command."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from ivr.sandbox.sandbox import Sandbox

OLD = """\
flow: hotline
languages: [tr, en]
start: opening
defaults: {timeout: 20s, otherwise: goodbye}
nodes:
  opening: {choose: [{when: announcement, next: emergency}], otherwise: first_menu}
  emergency: {say: emergency, bargein: false, next: first_menu}
  first_menu:
    menu: first_menu
    choices:
      on: {key: 1, next: old_way}
  old_way: {say: old_way, next: goodbye}
  goodbye: {end: goodbye}
"""
PROMPTS = """\
prompts:
  emergency: "{{ announcement.LANG }}"
  first_menu: Bir.
  old_way: Eski yol.
  goodbye: Güle güle.
  noinput: Duyamadım.
  nomatch: Olmadı.
labels: {first_menu: Menü, first_menu.on: Devam, flow_failed: Olmadı, agents: Kişiler}
"""
# All that a call of the old edition needs is gone in the new one.
RENAMED = {"first_menu": "second_menu", "old_way": "new_way", "Bir": "İki", "Eski": "Yeni"}
TESTS = """\
test: The caller goes on
call:
  - hears: second_menu
  - presses: 1
  - hears: [new_way, goodbye]
expect: {outcome: completed}
"""
# An errand that is gone on with: three questions, of which the second gets another name.
ERRAND = {
    "flows/hotline.yaml": """\
flow: hotline
languages: [tr, en]
start: left_off
defaults: {timeout: 20s, otherwise: bye}
nodes:
  left_off: {resume: left_off, next: errand}
  errand: {flow: errand, next: bye}
  bye: {end: goodbye}
""",
    "flows/errand.yaml": """\
flow: errand
languages: [tr, en]
start: first
unfinished: errand_left
defaults: {otherwise: out}
nodes:
  first: {collect: first, length: 1, next: second}
  second: {collect: second, length: 1, next: third}
  third: {collect: third, length: 1, next: out}
  out: {return: {}}
""",
}
ERRAND_PROMPTS = """\
prompts:
  left_off: Bir, iki, üç.
  errand_left: Bir iş.
  first: Birinci.
  second: İkinci.
  other: Başka.
  third: Üçüncü.
  goodbye: Güle güle.
  ask_back: "{{ heard }}, öyle mi?"
  noinput: Duyamadım.
  nomatch: Olmadı.
labels:
  {left_off: Yarım, left_off.go_on: Devam, left_off.start_over: Baştan, left_off.done: Bitti, first: Birinci,
   second: İkinci, other: Başka, third: Üçüncü, flow_failed: Olmadı, agents: Kişiler}
"""


class Operations:
    """Somebody of operations: files, and the `ivr` command."""

    def __init__(self, folder: Path, box: Sandbox) -> None:
        self.folder = folder
        self.environment = {
            "DEVAM_PATHS__FLOWS": str(folder / "flows"),
            "DEVAM_PATHS__PROMPTS": str(folder / "prompts"),
            "DEVAM_SPEECH__WORDS_PER_MINUTE": "300",
            "DEVAM_LOG__LEVEL": "DEBUG",
        }
        self._settings = str(box.settings_file)
        for name in ("flows", "prompts", "tests"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "tests" / "calls.yaml").write_text(TESTS, encoding="utf-8")

    def write(self, *, new: bool) -> None:
        """The old hotline into the files, or the new one."""
        files = {"flows/hotline.yaml": OLD} | {
            f"prompts/{language}.yaml": PROMPTS.replace("LANG", language) for language in ("tr", "en")
        }
        for name, text in files.items():
            for old, renamed in RENAMED.items() if new else ():
                text = text.replace(old, renamed)
            (self.folder / name).write_text(text, encoding="utf-8")

    def write_errand(self, *, renamed: bool) -> None:
        """A hotline with an errand, of which a node has this name or that."""
        prompts = {f"prompts/{language}.yaml": ERRAND_PROMPTS for language in ("tr", "en")}
        for name, text in {**ERRAND, **prompts}.items():
            if renamed and name == "flows/errand.yaml":
                text = text.replace("second", "other")
            (self.folder / name).write_text(text, encoding="utf-8")

    async def ivr(self, *arguments: str, status: int = 0) -> str:
        """Run the command; what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "ivr",
            *arguments,
            cwd=self.folder,
            env={**os.environ, **self.environment, "DEVAM_SETTINGS": self._settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == status, said.decode()
        return said.decode()
