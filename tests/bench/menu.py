"""The dialplan's own menu: a sandbox whose dialplan has it beside the hotline, reached by a number of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2

from ivr.resources import packaged
from tests.bench.script import Heard, Sounds

NUMBER = "4449999"  # of the dialplan's menu; the hotline has its usual one

_FILE = "bench-menu.conf"
_TEMPLATE = Path(__file__).parent / "menu.conf.j2"


@contextmanager
def dialplan_with_menu() -> Iterator[Path]:
    """A copy of Devam's templates that includes the menu's file, which `write_menu` must write."""
    with TemporaryDirectory(prefix="devam-bench-") as folder:
        templates = Path(folder) / "asterisk"
        shutil.copytree(packaged("dialplans") / "asterisk", templates)
        with open(templates / "extensions.conf.j2", "a", encoding="utf-8") as extensions:
            extensions.write(f'\n#include "{_FILE}"\n')
        yield templates


def write_menu(configuration: Path, sounds: Sounds) -> None:
    """Write the menu into Asterisk's configuration folder."""
    template = jinja2.Template(_TEMPLATE.read_text(encoding="utf-8"), undefined=jinja2.StrictUndefined)
    text = template.render(number=NUMBER, media=lambda language, *prompts: sounds.media(Heard(language, prompts)))
    (configuration / _FILE).write_text(text, encoding="utf-8")
