"""Starts a sandbox, prints its processes' ids and waits to be killed: `python killed_sandbox.py FOLDER`."""

import asyncio
import sys
from pathlib import Path

from ivr.sandbox.sandbox import Sandbox
from ivr.sandbox.unpack import default_folder, ensure


async def main(folder: Path) -> None:
    box = Sandbox(ensure(default_folder(), lambda line: print(line, file=sys.stderr)), folder)
    await box.start()
    print(box.redis.pid, box.asterisk.pid, box.network.pid, flush=True)
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
