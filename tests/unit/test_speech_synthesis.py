"""espeak-ng as a program that may be missing, slow, broken or hostile. A small Python program stands in for it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from ivr.errors import SpeechError
from ivr.speech import recordings
from ivr.speech.cache import SoundCache
from ivr.speech.pieces import After, Piece
from ivr.speech.synthesis import EspeakSynthesiser, PiperSynthesiser

# Writes what it was given to the file in argv[1], then speaks: a tone with the endless length that espeak-ng claims.
SPEAKS = """
import json, math, struct, sys
text = sys.stdin.buffer.read().decode()
json.dump({"arguments": sys.argv[2:], "text": text}, open(sys.argv[1], "w"))
frames = b"".join(struct.pack("<h", int(9000 * math.sin(n / 8))) for n in range(11025))
head = b"RIFF" + struct.pack("<I", 0x7FFFF024) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 22050, 44100, 2, 16)
sys.stdout.buffer.write(head + b"data" + struct.pack("<I", 0x7FFFF000) + frames)
"""
COMPLAINS = "import sys; print('Error: no such voice', file=sys.stderr); sys.exit(1)"
SAYS_NOTHING = "import sys; sys.stdin.read(); print('phontab: No such file', file=sys.stderr)"
NOT_WAV = "import sys; sys.stdin.read(); print('hello')"
DEAF = "import sys; sys.stdin.close(); sys.exit(3)"
# Tells the test (argv[1] is its port) that it runs, and never ends.
HANGS = "import socket, sys, time; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); time.sleep(1000)"


def program(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-S", "-c", code, *arguments)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Witness:
    """Sees programs come and go: each keeps a connection as long as it lives."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Witness:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = str(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.close()
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.came.put_nowait(reader)


async def test_the_text_goes_over_stdin_and_a_telephone_wav_comes_out(tmp_path: Path) -> None:
    given, target = tmp_path / "given.json", tmp_path / "a.wav"
    espeak = EspeakSynthesiser(program(SPEAKS, str(given)), 150)
    await espeak.synthesise("Arızanız açık, ığüşöç; -v --help $(reboot)", "tr", target)
    told = json.loads(given.read_text())
    assert told["text"] == "Arızanız açık, ığüşöç; -v --help $(reboot)"
    assert told["arguments"] == ["-v", "tr", "-s", "150", "-b", "1", "--stdin", "--stdout"]
    assert recordings.fault(target) is None
    assert names(tmp_path) == ["a.wav", "given.json"]


async def test_phonemes_and_control_characters_are_plain_text_for_the_program(tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    await EspeakSynthesiser(program(SPEAKS, str(given)), 150).synthesise("a[[x]]\x01b\ud800", "tr", tmp_path / "a.wav")
    assert json.loads(given.read_text())["text"] == "a((x))b"


def test_the_voice_changes_with_the_pace() -> None:
    assert EspeakSynthesiser(("x",), 150).voice != EspeakSynthesiser(("x",), 160).voice


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("/nowhere/espeak-ng",), "cannot be started.*install espeak-ng, or set speech.espeak"),
        (("\0",), "cannot be started"),
        (program(COMPLAINS), "no such voice.*speech.espeak"),
        (program(SAYS_NOTHING), "phontab: No such file"),
        (program(NOT_WAV), "not a WAV"),
        (program(DEAF), "wrote no sound"),
    ],
)
async def test_what_is_missing_is_told_and_how_to_mend_it(tmp_path: Path, command: tuple[str, ...], told: str) -> None:
    with pytest.raises(SpeechError, match=told) as refused:
        await EspeakSynthesiser(command, 150).synthesise("Ayşe " * 50_000, "tr", tmp_path / "a.wav")
    assert "Ayşe" not in str(refused.value)
    assert names(tmp_path) == []


def test_no_command_at_all_is_told() -> None:
    with pytest.raises(SpeechError, match=r"speech\.espeak"):
        EspeakSynthesiser((), 150)


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    espeak = EspeakSynthesiser(program(SPEAKS, str(tmp_path / "given.json")), 150)
    with pytest.raises(SpeechError, match=r"set speech\.cache"):
        await espeak.synthesise("a", "tr", tmp_path / "missing" / "a.wav")


async def test_a_program_that_hangs_is_given_up(tmp_path: Path) -> None:
    async with Witness() as witness:
        espeak = EspeakSynthesiser(program(HANGS, witness.port), 150, timeout=0.01)
        with pytest.raises(SpeechError, match="took more than"):
            await espeak.synthesise("a", "tr", tmp_path / "a.wav")
    assert names(tmp_path) == []


async def test_a_cancelled_synthesis_kills_its_program_and_frees_its_place(tmp_path: Path) -> None:
    async with Witness() as witness:
        espeak = EspeakSynthesiser(program(HANGS, witness.port), 150, at_once=1)
        for _ in range(2):  # the second would never start if the first kept its place
            task = asyncio.create_task(espeak.synthesise("a", "tr", tmp_path / "a.wav"))
            connection = await asyncio.wait_for(witness.came.get(), 30)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.wait_for(connection.read(), 30) == b""  # its end, closed by the kernel


async def test_no_more_programs_than_places(tmp_path: Path) -> None:
    async with Witness() as witness:
        espeak = EspeakSynthesiser(program(HANGS, witness.port), 150, at_once=2)
        tasks = [asyncio.create_task(espeak.synthesise("a", "tr", tmp_path / f"{n}.wav")) for n in range(3)]
        connections = [await asyncio.wait_for(witness.came.get(), 30) for _ in range(2)]
        assert witness.came.empty()
        tasks[0].cancel()
        tasks[1].cancel()
        connections.append(await asyncio.wait_for(witness.came.get(), 30))
        tasks[2].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results)


# A stand-in for espeak-ng with MBROLA's voices, and one for Piper: neither can be had where these tests run.
MBROLA_MISSING = """
import sys
if "mb-tr1" in sys.argv:
    print("mbrola executable was not found. Please install MBROLA!", file=sys.stderr)
    print("Error: The specified espeak-ng voice does not exist.", file=sys.stderr)
    sys.exit(1)
"""


async def test_a_voice_of_mbrola_is_asked_for_by_its_name(tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    mbrola = EspeakSynthesiser(program(SPEAKS, str(given)), 150, mbrola="tr1")
    await mbrola.synthesise("merhaba", "tr", tmp_path / "a.wav")
    assert json.loads(given.read_text())["arguments"][:2] == ["-v", "mb-tr1"]
    assert mbrola.voice == "mbrola tr1 150"


async def test_a_voice_of_mbrola_that_is_missing_is_told(tmp_path: Path) -> None:
    mbrola = EspeakSynthesiser(program(MBROLA_MISSING), 150, mbrola="tr1")
    with pytest.raises(SpeechError, match=r"voice does not exist.*install the program mbrola.*speech\.voices"):
        await mbrola.synthesise("merhaba", "tr", tmp_path / "a.wav")


async def test_piper_reads_a_line_and_speaks_with_its_model(tmp_path: Path) -> None:
    given, model = tmp_path / "given.json", tmp_path / "ses.onnx"
    model.write_bytes(b"model")
    piper = PiperSynthesiser(program(SPEAKS, str(given), "--length_scale", "1.1"), model)
    await piper.synthesise("Merhaba [[x]]\n--help", "tr", tmp_path / "a.wav")
    told = json.loads(given.read_text())
    assert told["text"] == "Merhaba ((x))--help\n"
    assert told["arguments"] == ["--length_scale", "1.1", "--model", str(model), "--output_file", "-"]
    assert recordings.fault(tmp_path / "a.wav") is None


def test_pipers_voice_changes_with_its_model_and_its_options() -> None:
    voices = [
        PiperSynthesiser(command, Path(model)).voice
        for command in (("piper",), ("piper", "--length_scale", "1.1"))
        for model in ("a.onnx", "b.onnx")
    ]
    assert len(set(voices)) == 4


def test_a_new_voice_under_the_old_name_is_another_voice(tmp_path: Path) -> None:
    model = tmp_path / "tr.onnx"
    model.write_bytes(b"one")
    os.utime(model, (1, 1))
    piper = PiperSynthesiser(("piper",), model)
    before = piper.voice
    assert piper.voice == before
    model.write_bytes(b"two")
    os.utime(model, (2, 2))
    assert piper.voice != before


@pytest.mark.parametrize(
    ("command", "model", "told"),
    [
        (("/nowhere/piper",), "ses.onnx", r"cannot be started.*set speech\.piper"),
        (program(COMPLAINS), "ses.onnx", r"Piper failed for 'ses.onnx': Error: no such voice"),
        (program(SPEAKS), "none.onnx", r"there is no voice .*none\.onnx.*speech\.voices"),
    ],
)
async def test_what_piper_lacks_is_told(tmp_path: Path, command: tuple[str, ...], model: str, told: str) -> None:
    (tmp_path / "ses.onnx").write_bytes(b"model")
    with pytest.raises(SpeechError, match=told):
        await PiperSynthesiser(command, tmp_path / model).synthesise("a", "tr", tmp_path / "a.wav")
    assert names(tmp_path) == ["ses.onnx"]


def test_no_command_for_piper_is_told() -> None:
    with pytest.raises(SpeechError, match=r"speech\.piper"):
        PiperSynthesiser((), Path("a.onnx"))


async def test_a_voice_that_hangs_does_not_keep_a_caller_longer_than_its_time(tmp_path: Path) -> None:
    async with Witness() as witness:
        (tmp_path / "ses.onnx").write_bytes(b"model")
        own = PiperSynthesiser(program(HANGS, witness.port), tmp_path / "ses.onnx", timeout=0.01)
        default = EspeakSynthesiser(program(SPEAKS, str(tmp_path / "given.json")), 150, timeout=30)
        cache = SoundCache(tmp_path / "cache", default, {"tr": own})
        path = await cache.file(Piece("a", True, After.END), "tr")
    assert recordings.fault(path) is None


async def test_what_follows_decides_how_long_the_silence_at_the_end_is(tmp_path: Path) -> None:
    espeak = EspeakSynthesiser(program(SPEAKS, str(tmp_path / "given.json")), 150)
    lengths = {}
    for after in After:
        await espeak.synthesise("a", "tr", tmp_path / "a.wav", after)
        lengths[after] = (tmp_path / "a.wav").stat().st_size
    assert sorted(lengths, key=lambda after: lengths[after]) == [After.WORD, After.END, After.CLAUSE, After.SENTENCE]
