"""Unpacking what a stranger has packed: nothing lands outside the folder, and nothing fills the disk."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.errors import ModelError
from ivr.speech.models import archive
from tests.unit.models_house import MODEL, as_tar, as_zip, put_model


def unpacked(tmp_path: Path, packed: bytes) -> Path:
    """Unpack into a folder of its own, with a look that nothing has landed beside it."""
    outer = tmp_path / "outer"
    folder = outer / "inner"
    folder.mkdir(parents=True)
    file = tmp_path / "packed"
    file.write_bytes(packed)
    try:
        archive.unpack(file, folder)
    finally:
        assert sorted(path.name for path in outer.iterdir()) == ["inner"]
        assert not any(path.is_symlink() for path in folder.rglob("*"))
    return folder


def refusal(tmp_path: Path, packed: bytes) -> str:
    with pytest.raises(ModelError) as refused:
        unpacked(tmp_path, packed)
    return str(refused.value)


@pytest.mark.parametrize("packed", [as_zip(MODEL, ""), as_tar(MODEL, ""), as_tar(MODEL, "", mode="")])
def test_a_good_archive_is_unpacked_as_it_is(tmp_path: Path, packed: bytes) -> None:
    folder = unpacked(tmp_path, packed)
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == MODEL


ODD_NAMES = ("../out", "/etc/out", "a/../../out", "a\\..\\out", "C:out", "a\nb", "//out", "x/" * 40 + "out", "..")


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("pack", [as_zip, as_tar])
def test_a_name_that_leads_elsewhere_is_refused(
    tmp_path: Path, name: str, pack: Callable[[dict[str, bytes], str], bytes]
) -> None:
    assert "has no place in a speech model" in refusal(tmp_path, pack({name: b"x"}, ""))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE]
)
def test_only_files_and_folders_come_out_of_a_tar(tmp_path: Path, kind: bytes) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        member = tarfile.TarInfo("model/link")
        member.type, member.linkname = kind, "/etc/passwd"
        opened.addfile(member)
    if kind == tarfile.CONTTYPE:  # an old word for a file
        assert (unpacked(tmp_path, packed.getvalue()) / "model/link").read_bytes() == b""
    else:
        assert "'model/link' is not a plain file" in refusal(tmp_path, packed.getvalue())


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_only_files_and_folders_come_out_of_a_zip(tmp_path: Path, kind: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        member = zipfile.ZipInfo("model/link")
        member.external_attr = (kind | 0o777) << 16
        opened.writestr(member, "/etc/passwd")
    assert "is not a plain file" in refusal(tmp_path, packed.getvalue())


@pytest.mark.parametrize("pack", [as_zip, as_tar])
def test_a_bomb_does_not_go_off(tmp_path: Path, pack: Callable[[dict[str, bytes], str], bytes]) -> None:
    assert "too much in it" in refusal(tmp_path, pack({"a": bytes(10_000_000), "b": bytes(10_000_000)}, ""))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) < 20_000_000


def test_a_zip_that_lies_about_sizes_does_not_go_off(tmp_path: Path) -> None:
    packed = bytearray(as_zip({"a": bytes(20_000_000)}, ""))
    told = packed.index(b"PK\x01\x02") + 24
    assert struct.unpack_from("<I", packed, told) == (20_000_000,)
    struct.pack_into("<I", packed, told, 10)
    refusal(tmp_path, bytes(packed))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) < 1_000_000


@pytest.mark.parametrize("pack", [as_zip, as_tar])
def test_too_many_files_are_refused(tmp_path: Path, pack: Callable[[dict[str, bytes], str], bytes]) -> None:
    assert "too much in it" in refusal(tmp_path, pack({f"f{number}": b"" for number in range(2001)}, ""))


def test_a_header_of_a_tar_cannot_take_all_memory(tmp_path: Path) -> None:
    member = tarfile.TarInfo("pax")
    member.type, member.size = tarfile.XHDTYPE, 2**33
    packed = gzip.compress(member.tobuf() + bytes(10_000_000))
    assert "not a zip or tar.gz that can be read" in refusal(tmp_path, packed)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as opened:
        for content in (b"one", b"two"):
            member = tarfile.TarInfo("a")
            member.size = 3
            opened.addfile(member, io.BytesIO(content))
    assert "cannot be unpacked" in refusal(tmp_path, packed.getvalue())


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    assert "cannot be unpacked" in refusal(tmp_path, as_tar({"a": b"", "a/b": b""}, ""))


GOOD_ZIP, GOOD_TAR = as_zip(MODEL), as_tar(MODEL)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"<html>Not Found</html>",
        b"PK\x03\x04" + bytes(100),
        GOOD_ZIP[: len(GOOD_ZIP) // 2],
        GOOD_ZIP.replace(struct.pack("<I", zlib.crc32(b"no model")), b"abcd"),
        GOOD_TAR[: len(GOOD_TAR) // 2],
        b"\x1f\x8b" + bytes(100),
        gzip.compress(b"no tar", mtime=0),
    ],
)
def test_what_is_broken_is_told_so(tmp_path: Path, packed: bytes) -> None:
    assert "not a zip or tar.gz that can be read" in refusal(tmp_path, packed)


def test_an_encrypted_zip_is_told_so(tmp_path: Path) -> None:
    packed = bytearray(GOOD_ZIP)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = packed.index(mark)
        packed[start + at] |= 1
    assert "not a zip or tar.gz that can be read" in refusal(tmp_path, bytes(packed))


def test_every_damaged_byte_is_survived(tmp_path: Path) -> None:
    """Whatever comes of it: an error of ours, or files inside the folder."""
    for number, packed in enumerate((as_zip({"a": b"abc"}, "m/"), as_tar({"a": b"abc"}, "m/", mode="")[:1200])):
        for at in range(0, len(packed), 3):
            damaged = bytearray(packed)
            damaged[at] ^= 0xFF
            place = tmp_path / f"{number}-{at}"
            place.mkdir()
            try:
                unpacked(place, bytes(damaged))
            except ModelError:
                continue


def test_a_folder_is_copied_by_the_same_rules(tmp_path: Path) -> None:
    source, target = put_model(tmp_path / "source"), tmp_path / "target"
    target.mkdir()
    archive.copy(source, target)
    assert (target / "am/final.mdl").read_bytes() == b"no model"


@pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/passwd"), os.mkfifo])
def test_a_folder_with_odd_things_in_it_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    source, target = put_model(tmp_path / "source"), tmp_path / "target"
    target.mkdir()
    make(source / "graph/odd")
    with pytest.raises(ModelError, match="'graph/odd' is not a plain file"):
        archive.copy(source, target)
