"""What is counted beside the calls: RTP by Asterisk, prompts' starts by its time stamps, what blocked the loop."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp

from ivr.telephony.ari_wire import authorization
from tests.bench.meter import Step
from tests.bench.script import Sounds

METER = Path(__file__).parent / "loop_meter"
_KEY = "key "


class Media(Sounds):
    """Prompts by the names of their files."""

    def __init__(self) -> None:
        super().__init__({})

    def name(self, media: str) -> str:
        return media


def key_to_prompt(channels: Iterable[Sequence[Step]], since: float, until: float) -> list[float]:
    """Milliseconds from each key that was pressed in that time to the start of the prompt after it, by Asterisk."""
    return [
        (prompt.at - key.at) * 1000
        for steps in channels
        for key, prompt in pairwise(steps)
        if key.what.startswith(_KEY) and since <= key.at <= until and not prompt.what.startswith(_KEY)
    ]


class Exchange:
    """One Asterisk's ARI, to look things up. It is no application, so it takes nothing from anybody."""

    def __init__(self, host: str, port: int, user: str, password: str) -> None:
        self._base = f"http://{host}:{port}/ari/"
        self._headers = {"Authorization": authorization(user, password)}

    async def rtp(self, numbers: Collection[str] = (), channels: Collection[str] = ()) -> Counter[str]:
        """Packets of voice that these channels, or those of callers with these numbers, have sent and received."""
        counted: Counter[str] = Counter()
        async with aiohttp.ClientSession(self._base, headers=self._headers, raise_for_status=True) as session:
            async with session.get("channels") as answer:
                there = await answer.json()
            for one in there:
                ours = one["id"] in channels or one["caller"]["number"] in numbers
                if ours and one["name"].startswith("PJSIP/"):
                    async with session.get(f"channels/{one['id']}/rtp_statistics") as answer:
                        told = await answer.json()
                    counted.update({name: told[name] for name in ("txcount", "rxcount", "rxploss")})
        return counted


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch in which a loop looked at nothing, in milliseconds: what its thread spent, and how late it was then.

    The latter has in it what other programs took.
    """

    at: float
    pid: int
    cpu: float
    late: float


def busiest(file: Path, pid: int, since: float) -> Busy:
    """The longest such stretch of that process's loop after a moment."""
    noted = (Busy(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())
    return max((one for one in noted if one.pid == pid and one.at >= since), key=lambda one: one.cpu)


def children(parent: int, what: str) -> list[int]:
    """Processes that this one has started and whose command line has that word."""
    tasks = Path(f"/proc/{parent}/task").iterdir()
    found = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [child for child in found if what in Path(f"/proc/{child}/cmdline").read_text().split("\0")]
