"""The prompt book: what it says, and that every mistake in it is found at once, at its place."""

from __future__ import annotations

import textwrap
import wave
from pathlib import Path

import pytest

from ivr.errors import FlowError, Problem, SpeechError
from ivr.speech.book import PromptBook

TR = """
    prompts:
      welcome: Devam'a hoş geldiniz.
      line_found: |
        Hattınız
        {{ line.number | ending }} ile bitiyor.
      bill: "{{ amount | money }}{% if late %}, gecikmiş{% endif %}."
      count: "{{ count }} kayıt"
    labels:
      main_menu: Ana menü
      main_menu.fault: Arıza bildirimi
    """
EN = """
    prompts:
      welcome: Welcome to Devam.
      line_found: Your line ends in {{ line.number | ending }}.
    """


def write(folder: Path, **languages: str) -> Path:
    for language, text in languages.items():
        (folder / f"{language}.yaml").write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def record(path: Path, rate: int = 8000, channels: int = 1, width: int = 2, frames: int = 800) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(b"\1" * (frames * channels * width))
    return path


def problems(folder: Path, *languages: str) -> tuple[Problem, ...]:
    with pytest.raises(FlowError) as refused:
        PromptBook.read(folder, languages or ("tr",))
    return refused.value.problems


@pytest.fixture
def book(tmp_path: Path) -> PromptBook:
    return PromptBook.read(write(tmp_path, tr=TR, en=EN), ("tr", "en"))


def test_a_prompt_is_said_in_one_line(book: PromptBook) -> None:
    variables = {"line": {"number": "+902129990041"}}
    assert book.text("line_found", "tr", variables) == "Hattınız kırk bir ile bitiyor."
    assert book.text("line_found", "en", variables) == "Your line ends in four one."
    assert book.text("welcome", "tr", {}) == "Devam'a hoş geldiniz."


def test_conditions_and_numbers_without_a_filter(book: PromptBook) -> None:
    assert book.text("bill", "tr", {"amount": 10, "late": False}) == "on lira."
    assert book.text("bill", "tr", {"amount": 10, "late": True}) == "on lira, gecikmiş."
    assert book.text("count", "tr", {"count": 1001}) == "bin bir kayıt"
    assert book.text("count", "tr", {"count": "iki"}) == "iki kayıt"


def test_the_book_tells_what_it_holds(book: PromptBook) -> None:
    assert book.languages == ("tr", "en")
    assert book.variables("tr") == {
        "welcome": frozenset(),
        "line_found": {"line.number"},
        "bill": {"amount", "late"},
        "count": {"count"},
    }
    assert book.is_static("welcome", "tr")
    assert not book.is_static("bill", "tr")
    assert not book.is_static("nothing", "tr")
    assert book.labels["tr"]["main_menu.fault"] == "Arıza bildirimi"
    assert book.labels["en"] == {}
    assert book.variables("de") == {}


@pytest.mark.parametrize(
    ("name", "language", "variables", "told"),
    [
        ("nothing", "tr", {}, "there is no prompt 'nothing'"),
        ("welcome", "de", {}, "there is no prompt 'welcome' in 'de'"),
        ("line_found", "tr", {}, "'line' is undefined"),
        ("line_found", "tr", {"line": {}}, "has no attribute 'number'"),
        ("line_found", "tr", {"line": {"number": None}}, "not nothing"),
        ("line_found", "tr", {"line": {"number": "Ayşe"}}, "a text of 4 characters"),
        ("bill", "tr", {"amount": 10}, "'late' is undefined"),
        ("count", "tr", {"count": None}, "type NoneType"),
        ("count", "tr", {"count": True}, "type bool"),
        ("count", "tr", {"count": ["Ayşe"]}, "type list"),
        ("count", "tr", {"count": "Ayşe" * 400}, "at most 1000"),
    ],
)
def test_what_cannot_be_said_is_told_without_personal_data(
    book: PromptBook, name: str, language: str, variables: dict[str, object], told: str
) -> None:
    with pytest.raises(SpeechError) as refused:
        book.text(name, language, variables)
    assert told in str(refused.value)
    assert name in str(refused.value)
    assert "Ayşe" not in str(refused.value)


def test_hostile_variables_stay_text(book: PromptBook) -> None:
    hostile = "{{ 7 * 7 }} <b>\x01\x00\ud800 a\u0301\n\t x\u200b"
    assert book.text("count", "tr", {"count": hostile}) == "{{ 7 * 7 }} <b> á x kayıt"
    assert book.text("count", "tr", {"count": "gu\u0308l"}) == "gül kayıt"


def test_every_mistake_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        tr="""\
        prompts:
          one: "{{ x | digitz }}"
          two: "{% if x %}{{ y | nofilter }}"
          three: "{% if x %}{{ y | nofilter }}{% endif %}"
          four:
          five: "   "
          six: 12
          Seven: yedi
          eight: |
            bir
            {{ x | iki }}
          one: tekrar
        labels:
          ok: Tamam
          No: Hayır
          empty: ""
        label: x
        """,
        en="prompts: []\n",
    )
    found = [(Path(p.file).name, p.line, p.column, p.what) for p in problems(folder, "tr", "en", "de")]
    assert [entry[:3] for entry in found if entry[0] == "tr.yaml"] == [
        ("tr.yaml", line, 1 if line == 17 else 3) for line in (2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17)
    ]
    told = {line: what for name, line, _, what in found if name == "tr.yaml"}
    assert "no filter 'digitz'" in told[2]
    assert "cannot be read" in told[3]
    assert "no filter 'nofilter'" in told[4]
    assert "empty" in told[5]
    assert "empty" in told[6]
    assert "not a text" in told[7]
    assert "line 2 of its text" in told[9]
    assert ("en.yaml", 1, 1, "'prompts' holds no texts") in found
    assert any(name == "de.yaml" and "cannot be read" in what for name, _, _, what in found)


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in x %}a{% endfor %}",
        "{% set x = 1 %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% raw %}{{ x }}{% endraw %}{% block b %}{% endblock %}",
        "{{ range(10) }}",
        "{{ x.format(y) }}",
        "{{ 'x' * 10 }}",
        "{{ 10 ** 10 }}",
        "{{ x[1:] }}",
        "{{ {'a': 1} }}",
        "{{ x | upper }}",
        "{{ x is odder }}",
        "{{ x",
        "{% if x %}",
    ],
)
def test_a_template_that_could_run_away_is_a_mistake(tmp_path: Path, text: str) -> None:
    (tmp_path / "tr.yaml").write_text(f"prompts:\n  one: {text!r}\n", encoding="utf-8")
    assert len(problems(tmp_path)) >= 1


def test_huge_products_are_refused_before_they_are_made(tmp_path: Path) -> None:
    write(tmp_path, tr="""prompts: {one: "{{ 'x' * 10 ** 12 }}"}""")
    assert "cannot contain" in problems(tmp_path)[0].what


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"prompts",
        b"prompts: [",
        b"- a",
        b"prompts: {a: *b}",
        b"\xff\xfe\x00",
        b"prompts:\n  a: \x07",
        b"prompts:\n\ta: b",
        b"labels: {a: b}",
        b"prompts: {a: {b: c}}",
        b"prompts: {a: !!python/object:os.system x}",
        b"prompts: x",
        b"prompts: {a: b}\nlabels: x",
        b"prompts: {a: b}\nlabels:\n",
    ],
)
def test_a_broken_file_is_told_and_never_raises_anything_else(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "tr.yaml").write_bytes(text)
    assert all(problem.file.endswith("tr.yaml") for problem in problems(tmp_path))


def test_wrong_recordings_are_told(tmp_path: Path) -> None:
    more = "".join(f"{name}: a\n      " for name in ("wide", "mp3", "none", "cut", "stereo", "b8", "high"))
    write(tmp_path, tr=TR.replace("welcome:", f"{more}welcome:"))
    folder = tmp_path / "recordings" / "tr"
    fine = record(folder / "wide.wav", rate=16000), record(folder / "stereo.wav", channels=2)
    record(folder / "b8.wav", width=1)
    record(folder / "high.wav", rate=96000)
    record(folder / "none.wav", frames=0)
    record(folder / "unknown.wav")
    record(folder / "bill.wav")
    cut = record(folder / "cut.wav")
    cut.write_bytes(cut.read_bytes()[:-100])
    (folder / "mp3.wav").write_bytes(b"ID3\x03")
    (folder / "welcome.mp3").write_bytes(b"ID3\x03")
    (folder / "folder.wav").mkdir()
    told = {Path(problem.file).name: problem.what for problem in problems(tmp_path)}
    assert "96000 Hz" in told["high.wav"]
    assert "8 bit" in told["b8.wav"]
    assert "is empty" in told["none.wav"]
    assert "no prompt 'unknown'" in told["unknown.wav"]
    assert "has variables (amount, late)" in told["bill.wav"]
    assert "ends too early" in told["cut.wav"]
    assert "not a WAV file" in told["mp3.wav"]
    assert "not a WAV file" in told["welcome.mp3"]
    assert told.keys() == {path.name for path in folder.iterdir() if path not in fine}
