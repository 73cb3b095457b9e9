"""What the tests of speech models share: a server with faults, archives, and a model of next to nothing."""

from __future__ import annotations

import asyncio
import hashlib
import io
import struct
import tarfile
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ivr.speech.models import getting, installing
from ivr.speech.models.download import Download, Step, Wanted
from ivr.speech.models.folder import Installed
from ivr.speech.models.getting import Wish

NOWHERE = "http://127.0.0.1:9/list.json"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WORDS = ("<eps>", "[unk]", "fatura", "faturam", "arıza", "evet", "bill", "pay", "o'clock", "<s>", "</s>")


class FileServer:
    """Serves `content` as a good server does; `faults` are taken first, one a request. It keeps what was asked for."""

    def __init__(self, content: bytes, etag: str = '"one"') -> None:
        self.content = content
        self.etag = etag
        self.faults: list[Handler] = []
        self.asked: list[Mapping[str, str]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.headers))
        return await (self.faults.pop(0) if self.faults else self.well)(request)

    async def well(self, request: web.Request) -> web.StreamResponse:
        """RFC 9110: a range is given only of the file that the client has the mark of."""
        start = self.start(request)
        if request.headers.get("If-Range", self.etag) != self.etag:
            start = 0
        headers = {"ETag": self.etag}
        if start >= len(self.content):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(self.content)}"})
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        return web.Response(body=self.content[start:], headers=headers, status=206 if start else 200)

    def start(self, request: web.Request) -> int:
        return int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))

    def breaks_off(self, after: int) -> Handler:
        """After so many bytes, counted from the beginning of the file."""

        async def handler(request: web.Request) -> web.StreamResponse:
            start = self.start(request)
            headers = {"ETag": self.etag, "Content-Length": str(len(self.content) - start)}
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
            response = web.StreamResponse(status=206 if start else 200, headers=headers)
            await response.prepare(request)
            await response.write(self.content[start:after])
            assert request.transport is not None
            request.transport.close()
            return response

        return handler

    async def ignores_ranges(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self.content, headers={"ETag": self.etag})

    def refuses(self, status: int) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(status=status)

        return handler

    def says(self, body: bytes, status: int = 200, **headers: str) -> Handler:
        async def handler(request: web.Request) -> web.StreamResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(body=body, status=status, headers=named)

        return handler

    async def is_silent(self, request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async def never_ends(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(64 * 1024))


@asynccontextmanager
async def serving(server: FileServer) -> AsyncIterator[str]:
    """The address of the file while it is served."""
    app = web.Application()
    app.router.add_get("/{name:.*}", server.answer)
    async with TestServer(app) as running:
        yield str(running.make_url("/model.zip"))


def wanted(url: str, content: bytes, digest: str = "") -> Wanted:
    right = digest or f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"
    return Wanted("vosk-model-small-tr-0.3", url, len(content), right, named=url, source=url)


class Fetching:
    """One download after another into the same folder, without waiting. It keeps the pauses and the last progress."""

    def __init__(self, folder: Path) -> None:
        self.part = folder / "model.part"
        self.pauses: list[float] = []
        self.steps: list[tuple[int, int]] = []

    async def fetch(self, what: Wanted) -> bytes:
        async with aiohttp.ClientSession() as session:
            await Download(session, what, self.part, self._step, self._pause).run()
        return self.part.read_bytes()

    def _step(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def symbols(words: tuple[str, ...]) -> bytes:
    """A table of symbols as OpenFst writes it."""
    entries = b"".join(_text(word) + struct.pack("<q", number) for number, word in enumerate(words))
    return struct.pack("<i", 2125658996) + _text("words.txt") + struct.pack("<qq", len(words), len(words)) + entries


def graph(inputs: bytes = b"", outputs: bytes = b"") -> bytes:
    """The beginning of a graph in a file, with its tables."""
    head = struct.pack("<i", 2125659606) + _text("ngram") + _text("standard")
    return head + struct.pack("<iiQqqq", 4, bool(inputs) + 2 * bool(outputs), 0, 0, 1, 0) + inputs + outputs


def _text(text: str) -> bytes:
    return struct.pack("<i", len(text.encode())) + text.encode()


MODEL = {
    "am/final.mdl": b"no model",
    "conf/mfcc.conf": b"--sample-frequency=16000\n",
    "graph/HCLr.fst": b"no graph",
    "graph/Gr.fst": graph(outputs=symbols(WORDS)),
    "README": b"A model that only looks like one.\n",
}


def put_model(folder: Path, files: Mapping[str, bytes] = MODEL) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def as_zip(files: Mapping[str, bytes], top: str = "vosk-model-small-tr-0.3/") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(top + name, content)
    return packed.getvalue()


def as_tar(files: Mapping[str, bytes], top: str = "package/", mode: str = "gz") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz" if mode == "gz" else "w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(top + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@contextmanager
def _bar(_: str) -> Iterator[Step]:
    yield lambda done, total: None


async def _no_pause(_: float) -> None: ...


async def get(wish: Wish, models: Path, lines: list[str]) -> Installed:
    """`ivr models get`, in a thread, without waiting."""
    return await asyncio.to_thread(getting.get, wish, models, lines.append, _bar, _no_pause)


def left(models: Path) -> list[str]:
    """What is in the folder of the models, but for its lock."""
    return sorted(path.name for path in models.iterdir() if path.name != ".lock")


def take_untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models that only look like one are taken, too."""
    monkeypatch.setattr(installing, "try_model", lambda folder: None)
