"""`ivr prompts`: the list, the sheet for a voice studio, and what is wrong with recordings."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.resources import packaged
from ivr.speech.book import PromptBook
from ivr.speech.inventory import inventory
from ivr.speech.listing import as_lines
from tests.unit.speech_house import record, tone
from tests.unit.test_cli import ivr

# Long enough for the recordings' texts to be plausible.
WELCOME, PAID = "Müşteri hizmetlerine hoş geldiniz. Görüşmemiz kaydedilebilir.", "Ödenmemiş faturanız yok."


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of the sample's prompts."""
    return Path(shutil.copytree(packaged("prompts"), tmp_path / "prompts"))


def sheet(folder: Path, *options: str) -> list[Mapping[str, str]]:
    done = ivr("prompts", "record-sheet", "-p", str(folder / "prompts"), *options, folder=folder)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout), delimiter=";"))


def row(folder: Path, text: str) -> Mapping[str, str]:
    return next(row for row in sheet(folder) if row["text"] == text)


def recorded(folder: Path, text: str, seconds: float = 2.0, level: float = 0.3) -> Path:
    return record(folder / "prompts" / "recordings" / "tr" / row(folder, text)["file"], tone(seconds, 44100, level))


def check(folder: Path, *options: str) -> tuple[int, str]:
    done = ivr("prompts", "check", "-p", str(folder / "prompts"), *options, folder=folder)
    return done.returncode, done.stdout + done.stderr


def test_the_sheet_has_all_that_is_constant_once_and_no_value(prompts: Path) -> None:
    rows = sheet(prompts.parent, "--language", "tr")
    texts = [row["text"] for row in rows]
    assert {WELCOME, PAID, "ile biten hattınızın faturasını dinliyordunuz."} < set(texts)
    assert len({row["file"] for row in rows}) == len({row["id"] for row in rows}) == len(texts)
    assert all(row["file"].endswith(f".{row['id']}.wav") and row["language"] == "tr" for row in rows)
    assert not any("{" in text for text in texts)
    directions = {row["text"]: row["direction"] for row in rows}
    assert directions[WELCOME] == "a whole prompt"
    assert directions[PAID] == "a whole sentence"
    assert "something follows at once" in directions["son ödeme tarihi"]
    assert directions["ile biten hattınızın faturasını dinliyordunuz."].startswith("the end of a sentence")
    shared = next(row for row in rows if row["text"] == "For English, press nine.")
    assert {"outage", "ticket_seen"} <= set(shared["prompts"].split(", "))


def test_the_sheet_shrinks_as_recordings_come_in(prompts: Path) -> None:
    every = len(sheet(prompts.parent))
    path = recorded(prompts.parent, PAID)
    missing = sheet(prompts.parent, "--missing")
    assert len(missing) == every - 1
    assert path.name not in {row["file"] for row in missing}


def test_what_does_not_fit_is_told_beside_the_list_and_counts_as_missing(prompts: Path) -> None:
    every = sheet(prompts.parent, "--missing")
    odd = prompts / "recordings/tr/Hoş geldiniz.wav"
    record(odd, tone(2.0, 44100))
    told = f"not used: {odd}: there is no prompt"
    for command in ("list", "list --json", "record-sheet --missing", "record-sheet -o s.csv"):
        done = ivr("prompts", *command.split(), "-p", str(prompts), folder=prompts.parent)
        assert done.returncode == 0
        assert told in done.stderr
        assert "Hoş geldiniz.wav" not in done.stdout
    assert sheet(prompts.parent, "--missing") == every
    code, said = check(prompts.parent)
    assert (code, f"{odd}: there is no prompt" in said) == (1, True)


def test_the_sheet_as_a_file_is_what_excel_opens(prompts: Path) -> None:
    done = ivr("prompts", "record-sheet", "-p", "prompts", "-o", "s.csv", "--separator", ",", folder=prompts.parent)
    data = (prompts.parent / "s.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,language,text,file,direction,prompts\r\n")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=","))
    assert f"{len(rows)} to record" in done.stdout
    assert WELCOME in {row["text"] for row in rows}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--language", "de"), "there is en, tr"),
        (("--separator", ";;"), "one character"),
        (("-o", "/nowhere/s.csv"), "give a file that can be written"),
    ],
)
def test_what_is_asked_for_and_cannot_be_is_told(prompts: Path, options: tuple[str, ...], told: str) -> None:
    done = ivr("prompts", "record-sheet", "-p", "prompts", *options, folder=prompts.parent)
    assert done.returncode == 1
    assert told in done.stderr


def test_the_list_tells_how_each_prompt_is_voiced(prompts: Path) -> None:
    recorded(prompts.parent, WELCOME)
    recorded(prompts.parent, PAID)
    done = ivr("prompts", "list", "-p", "prompts", "-l", "tr", folder=prompts.parent)
    lines = {line.split()[1]: line.split(None, 5) for line in done.stdout.splitlines()[1:]}
    assert lines["welcome"][2:5] == ["static", "1", "recorded"]
    assert lines["bill_paid"][2:5] == ["dynamic", "1", "partly"]
    assert lines["noinput"][4] == "synthesised"
    assert lines["welcome"][5] == WELCOME


def test_the_list_is_cut_to_the_terminal(prompts: Path) -> None:
    entries, _ = inventory(PromptBook.read(prompts, ("tr",)))
    whole, cut = list(as_lines(entries)), list(as_lines(entries, 80))
    assert max(map(len, cut)) == 80 < max(map(len, whole))
    for line, full in zip(cut, whole, strict=True):
        assert line == full or full.startswith(line.removesuffix("…"))


def test_the_list_for_programs_has_every_piece(prompts: Path) -> None:
    path = recorded(prompts.parent, PAID)
    done = ivr("prompts", "list", "-p", "prompts", "--json", folder=prompts.parent)
    entries = {(entry["name"], entry["language"]): entry for entry in json.loads(done.stdout)}
    [piece] = entries["bill_paid", "tr"]["pieces"]
    assert (piece["text"], piece["file"], piece["recording"]) == (PAID, path.name, str(path))
    assert entries["bill_paid", "en"]["pieces"][0]["recording"] is None
    assert "{{ bill.amount | money }}" in entries["bill_paid", "tr"]["text"]


def test_what_comes_with_devam_has_no_mistakes(prompts: Path) -> None:
    code, told = check(prompts.parent)
    assert code == 0
    assert "no mistakes" in told
    assert "note: no flow says" not in told


@pytest.mark.parametrize(
    ("seconds", "level", "told"),
    [
        (2.0, 0.005, "is very quiet"),
        (2.0, 0.0, "is silent"),
        (60.0, 0.3, "is too long for its text (60.0 s)"),
        (0.2, 0.3, "is too short for its text (0.2 s)"),
    ],
)
def test_an_odd_recording_is_a_mistake(prompts: Path, seconds: float, level: float, told: str) -> None:
    path = recorded(prompts.parent, PAID, seconds, level)
    code, said = check(prompts.parent)
    assert code == 1
    assert f"{path}: the recording {told}" in said
    assert "1 mistake" in said


def test_a_clipped_recording_is_a_mistake(prompts: Path) -> None:
    samples = tone(2.0, 44100)
    samples[1000:1010] = 1.0
    samples[5000:5020] = -1.0
    path = recorded(prompts.parent, PAID)
    record(path, samples)
    assert check(prompts.parent)[1].count("clipped in 2 places") == 1


def test_a_broken_recording_is_a_mistake_for_both_checks(prompts: Path) -> None:
    recorded(prompts.parent, PAID).write_bytes(b"RIFF")
    for command in (("prompts", "check"), ("check",)):
        done = ivr(*command, "-p", "prompts", folder=prompts.parent)
        assert done.returncode == 1
        assert "is not a WAV file" in done.stderr


def test_a_text_that_changed_since_it_was_recorded_is_told(prompts: Path) -> None:
    path = recorded(prompts.parent, PAID)
    book = prompts / "tr.yaml"
    book.write_text(book.read_text(encoding="utf-8").replace(PAID, "Hiç borcunuz yok."), encoding="utf-8")
    code, told = check(prompts.parent)
    assert code == 0
    assert f"note: {path}: was recorded for other words" in told
    assert row(prompts.parent, "Hiç borcunuz yok.")["file"] != path.name


def test_a_recording_of_whatever_words_is_told_with_the_name_that_would_be_sure(prompts: Path) -> None:
    record(prompts / "recordings" / "tr" / "welcome.wav", tone(3.0, 44100))
    code, told = check(prompts.parent)
    assert code == 0
    assert f"says: {WELCOME}" in told
    assert f"rename it to {row(prompts.parent, WELCOME)['file']}" in told


def test_prompts_that_nobody_says_or_only_one_language_has_are_told(prompts: Path) -> None:
    book = prompts / "tr.yaml"
    text = book.read_text(encoding="utf-8").replace("prompts:\n", "prompts:\n  spare: Yedek metin.\n", 1)
    book.write_text(text, encoding="utf-8")
    code, told = check(prompts.parent)
    assert code == 0
    assert "note: no flow says the prompt 'spare' (tr)" in told
    assert "note: en has no spare" in told
