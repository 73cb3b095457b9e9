"""A small hotline in files, settings for it, and a library, for the tests of publishing."""

from __future__ import annotations

import io
import os
from pathlib import Path
from unittest.mock import patch

from rich.console import Console

from context_store.memory_library import MemoryLibrary
from ivr.publishing.deeds import Test, publish_files
from ivr.publishing.publisher import Signature
from ivr.settings import Settings, load

FLOW = """\
flow: hotline
languages: [tr, en]
start: opening
defaults: {timeout: 5s, otherwise: person}
nodes:
  opening: {choose: [{when: announcement, next: told}], otherwise: main_menu}
  told: {say: told, next: main_menu}
  main_menu:
    menu: main_menu
    choices:
      bill: {key: 1, next: bill}
      agent: {key: 0, next: person}
  bill: {flow: bill, next: person}
  person: {transfer: agents, reason: asked}
"""
BILL = """\
flow: bill
languages: [tr, en]
start: bill_told
nodes:
  bill_told: {say: bill_told, next: bill_done}
  bill_done: {return: {}}
"""
PROMPTS = """\
prompts:
  told: "{{ announcement.LANG }}"
  main_menu: Menu LANG.
  bill_told: Your bill LANG.
  noinput: Nothing LANG.
  nomatch: What LANG.
labels:
  main_menu: Menu
  main_menu.bill: Bill
  main_menu.agent: Agent
  asked: Asked
  agents: Agents
  flow_failed: Failed
"""
SETTINGS = """\
[asterisk]
ari_password = "12345678"
ami_password = "12345678"
[web]
secret = "12345678"
api_token = "12345678"
[services]
token = "12345678"
[paths]
flows = "flows"
prompts = "prompts"
"""


class Desk:
    """Somebody of operations with their files, at a library that others use, too."""

    def __init__(self, folder: Path, library: MemoryLibrary | None = None) -> None:
        self.folder = folder
        self.library = library or MemoryLibrary()
        self.screen = io.StringIO()
        self.console = Console(file=self.screen, width=120, highlight=False, soft_wrap=True)
        self.write("devam.toml", SETTINGS)
        self.write("flows/hotline.yaml", FLOW)
        self.write("flows/bill.yaml", BILL)
        for language in ("tr", "en"):
            self.write(f"prompts/{language}.yaml", PROMPTS.replace("LANG", language))

    @property
    def settings(self) -> Settings:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DEVAM_")}
        with patch.dict(os.environ, environment, clear=True):
            return load(self.folder / "devam.toml")

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    async def publish(self, note: str = "", test: Test | None = None) -> str:
        """Publish the files; what is live then."""
        await publish_files(self.settings, self.library, Signature("ayse", note), test, self.console)
        return await self.live()

    async def live(self) -> str:
        return (await self.library.standing("hotline")).version

    def said(self) -> str:
        """What was on the screen since the last look."""
        text = self.screen.getvalue()
        self.screen.seek(0)
        self.screen.truncate()
        return text
