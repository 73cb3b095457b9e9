"""What the minder starts in tests: `python -m tests.unit.fake_recogniser FOLDER MODE recogniser --socket PATH …`.

It leaves a file in the folder, named by its process id. `good` serves as the real one does, without Vosk; `mute` never
says that it is ready; `deaf` says so, and serves nobody; `endless` says so at great length; `dead` ends at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from ivr.speech.hearing.server import RecognitionServer
from tests.unit.hearing_house import ScriptedModel, served


async def main(folder: Path, mode: str, arguments: list[str]) -> None:
    (folder / str(os.getpid())).touch()
    if mode == "dead":
        sys.exit(3)
    languages = [arguments[at + 1] for at, argument in enumerate(arguments) if argument == "--language"]
    socket = Path(arguments[arguments.index("--socket") + 1])
    server = RecognitionServer({one: ScriptedModel() for one in languages}, places=4, threads=1)
    if mode == "good":
        async with served(server, socket):
            print("ready", flush=True)
            await asyncio.to_thread(sys.stdin.read)
    else:
        if mode == "deaf":
            print("ready", flush=True)
        if mode == "endless":
            print("ready" * 50_000, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
