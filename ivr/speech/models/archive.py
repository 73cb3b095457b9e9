"""Unpacks a zip or a (gzipped) tar with mistrust: plain files and folders only, inside the folder, and not too much.

Writes only into the folder that it is given. What is not as it should be makes the whole archive unusable.
"""

from __future__ import annotations

import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from ivr.errors import ModelError

MOST_FILES: Final = 2000
MOST_BYTES: Final = 8 * 1024**3
MOST_TIMES: Final = 20  # as big as the archive; models hold numbers, which pack to a half or a third

_LEAST_BYTES: Final = 16 * 1024**2  # allowed in any case
_BLOCK: Final = 1024**2
_TOO_MUCH: Final = "there is too much in it for a speech model"
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile)
# What the libraries raise for archives that are encrypted, packed in a way of their own, or made to break them.
_ODD: Final = (NotImplementedError, RuntimeError, ValueError, OverflowError, MemoryError)


@dataclass(slots=True)
class _Allowance:
    """How much more may be unpacked."""

    files: int
    bytes: int

    def take(self, size: int = 0, files: int = 0) -> None:
        """Raises `ModelError` where that is too much."""
        self.see_to(size)
        self.bytes -= size
        self.files -= files
        if self.files < 0:
            raise ModelError(_TOO_MUCH)

    def see_to(self, size: int) -> None:
        """Raises `ModelError` where so many bytes would be too much."""
        if size > self.bytes:
            raise ModelError(_TOO_MUCH)


class _Gzip(gzip.GzipFile):
    """A tar's headers may ask for any number of bytes at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _BLOCK:
            raise tarfile.ReadError("too long a header")
        return super().read(size)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack `archive` into the empty `folder`. Blocks. Raises `ModelError`; then the folder may be half filled."""
    try:
        packed = archive.stat().st_size
        allowance = _Allowance(MOST_FILES, min(MOST_BYTES, max(_LEAST_BYTES, packed * MOST_TIMES)))
        if zipfile.is_zipfile(archive):
            _unpack_zip(archive, folder, allowance)
        else:
            _unpack_tar(archive, folder, allowance)
    except ModelError as error:
        raise ModelError(f"{archive}: {error}") from None
    except (*_BROKEN, *_ODD) as error:
        raise ModelError(f"{archive} is not a zip or tar.gz that can be read ({error})") from None
    except OSError as error:
        raise ModelError(f"{archive} cannot be unpacked into {folder.parent}: {error.strerror or error}") from None


def _unpack_zip(archive: Path, folder: Path, allowance: _Allowance) -> None:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if member.is_dir():
                _folder(folder, member.filename, allowance)
            elif kind in (0, stat.S_IFREG):
                with opened.open(member) as content:
                    _file(content, folder, member.filename, member.file_size, allowance)
            else:
                raise ModelError(f"{_shown(member.filename)} is not a plain file")


def _unpack_tar(archive: Path, folder: Path, allowance: _Allowance) -> None:
    with archive.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    with _Gzip(archive, "rb") if zipped else archive.open("rb") as stream, tarfile.open(fileobj=stream) as opened:
        for member in opened:
            if member.isdir():
                _folder(folder, member.name, allowance)
            elif member.isreg() and not member.issparse():
                content = opened.extractfile(member)
                if content:
                    _file(content, folder, member.name, member.size, allowance)
            else:
                raise ModelError(f"{_shown(member.name)} is not a plain file")


def _folder(root: Path, name: str, allowance: _Allowance) -> None:
    allowance.take(files=1)
    (root / _inside(name)).mkdir(parents=True, exist_ok=True)


def _file(content: IO[bytes], root: Path, name: str, size: int, allowance: _Allowance) -> None:
    allowance.take(files=1)
    allowance.see_to(size)
    target = root / _inside(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        for block in _blocks(content):
            allowance.take(len(block))  # what is said of the size need not be true
            file.write(block)


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    while block := content.read(_BLOCK):
        yield block


def _inside(name: str) -> PurePosixPath:
    """The name as a path below the folder. Raises `ModelError` for one that leads elsewhere."""
    path = PurePosixPath(name)
    odd = "\\" in name or ":" in name or not name.isprintable()
    if odd or path.is_absolute() or ".." in path.parts or len(path.parts) > 32:
        raise ModelError(f"it holds the file {_shown(name)}, which has no place in a speech model")
    return path


def _shown(name: str) -> str:
    return repr(name[:80])


def copy(source: Path, folder: Path) -> None:
    """Copy an unpacked model into the empty `folder`, by the same rules. Blocks. Raises `ModelError`."""
    allowance = _Allowance(MOST_FILES, MOST_BYTES)
    try:
        for path in sorted(source.rglob("*")):
            name = path.relative_to(source).as_posix()
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise ModelError(f"{source}: {_shown(name)} is not a plain file")
            if path.is_dir():
                _folder(folder, name, allowance)
            else:
                with path.open("rb") as content:
                    _file(content, folder, name, path.stat().st_size, allowance)
    except OSError as error:
        raise ModelError(f"{source} cannot be copied into {folder.parent}: {error.strerror or error}") from None
