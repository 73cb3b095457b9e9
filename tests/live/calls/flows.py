"""The sample hotline's flows as tests want them: with other waits, and other hours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.resources import packaged

# With short waits, so that silence is noticed soon; or with long ones, so that nobody is hurried.
SOONER = {"timeout: 5s": "timeout: 1s", "timeout: 8s": "timeout: 1s", "interdigit: 3s": "interdigit: 1s"}
LATER = {"timeout: 5s": "timeout: 60s", "timeout: 8s": "timeout: 60s", "interdigit: 3s": "interdigit: 30s"}
# With people for everything at all hours.
ALWAYS = {re.escape('"08:00-22:00"'): '"00:00-24:00"', r" closed:\n +#.*?\]": " closed: []"}


def never() -> Mapping[str, str]:
    """With people for faults only: the others are there for one minute, half a day from now."""
    opens = (datetime.now(ZoneInfo("Europe/Istanbul")) + timedelta(hours=12)).replace(minute=0)
    return {re.escape('"08:00-22:00"'): f'"{opens:%H:%M}-{opens.replace(minute=1):%H:%M}"'}


def write_flows(folder: Path, waits: Mapping[str, str], hours: Mapping[str, str]) -> Path:
    """Write them into this folder, changed so: texts by texts, and texts by patterns. Returns the folder."""
    folder.mkdir(exist_ok=True)
    for file in (packaged("dialplans") / "flows").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for usual, wait in waits.items():
            assert usual in text or file.stem != "hotline"
            text = text.replace(usual, wait)
        for usual, other in hours.items():
            text, found = re.subn(usual, other, text, flags=re.DOTALL)
            assert found or file.stem != "hotline"
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder
