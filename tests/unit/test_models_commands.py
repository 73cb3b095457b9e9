"""`ivr models`, `ivr check` and `ivr doctor` as a person meets speech models; and the progress of a download."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from ivr.cli_progress import download_bar
from ivr.doctor import examine
from ivr.hotline.hearing import unheard_in
from ivr.speech.models import installing
from tests.speech_data import need_model, stands_in
from tests.unit.models_house import MODEL, as_zip, graph, put_model, symbols
from tests.unit.test_cli import ivr
from tests.unit.test_settings import GOOD

FLOW = """\
flow: hotline
languages: [tr, en]
start: main
defaults: {otherwise: goodbye}
nodes:
  main:
    menu: welcome
    choices:
      bill: {key: 1, phrases: {tr: [fatura, faturalar], en: [bill]}, next: day}
  day: {collect: welcome, type: date, next: goodbye}
  goodbye: {end: goodbye}
"""
WORDS = """\
labels: {main: Main, main.bill: Bill, day: Day, agents: Agents, flow_failed: Failed}
prompts: {welcome: Welcome, goodbye: Bye, noinput: Say, nomatch: Say, ask_back: Really}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without settings, and no npm on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_one_is_got_listed_and_removed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "try_model", lambda folder: None)
    (here / "model.zip").write_bytes(as_zip(MODEL))
    done = ivr("models", "get", "tr", "--from", "model.zip", folder=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert "models/tr: model.zip is installed" in done.stdout
    assert "tr  model.zip, 0 MB, from by hand" in ivr("models", "list", folder=here).stdout
    assert "models/tr: removed" in ivr("models", "remove", "tr", folder=here).stdout
    assert (
        "no speech model is installed in models; `ivr models get tr` brings one"
        in ivr("models", "list", folder=here).stdout
    )
    done = ivr("models", "remove", "tr", folder=here)
    assert (done.returncode, "no model of 'tr'" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("get", "turkish"), "write two small letters, as in tr"),
        (("get", "../x"), "write two small letters, as in tr"),
        (("get", "tr", "--from", "x", "--name", "y"), "leave out --name and --list"),
        (("get", "tr", "--from", "nowhere.zip"), "nowhere.zip: No such file"),
        (("get", "tr", "--list", "http://127.0.0.1:9/list.json"), "http://127.0.0.1:9/list.json cannot be reached"),
        (("get", "tr", "--list", "file:///etc/passwd"), "is not asked: only https is"),
        (("list", "tr", "--list", "http://127.0.0.1:9/list.json"), "cannot be reached"),
        (("remove", "tr"), "there is no model of 'tr' in models"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_piece(here: Path, arguments: tuple[str, ...], why: str) -> None:
    done = ivr("models", *arguments, folder=here)
    assert done.returncode == 1
    assert why in done.stderr
    assert "Traceback" not in done.stderr


def test_the_settings_say_where_the_models_are(here: Path) -> None:
    put_model(here / "elsewhere/tr")
    (here / "devam.toml").write_text(GOOD + '[hearing]\nmodels = "elsewhere"\n', encoding="utf-8")
    assert f"in {here}/elsewhere/tr" in ivr("models", "list", folder=here).stdout
    assert (
        "in other; `ivr models get tr --folder other` brings"
        in ivr("models", "list", "--folder", "other", folder=here).stdout
    )


@pytest.fixture
def hotline(here: Path) -> Path:
    (here / "prompts").mkdir()
    (here / "hotline.yaml").write_text(FLOW, encoding="utf-8")
    for language in ("tr", "en"):
        (here / f"prompts/{language}.yaml").write_text(WORDS, encoding="utf-8")
    return here


CHECK = ("check", "--flow", "hotline.yaml", "--prompts", "prompts")


def test_a_check_without_models_says_so(hotline: Path) -> None:
    done = ivr(*CHECK, folder=hotline)
    assert done.returncode == 0, done.stderr
    for language in ("tr", "en"):
        told = f"{language}: no speech model is in models, so no phrase was looked up; `ivr models get {language}`"
        assert told in done.stdout.splitlines()


def test_a_check_names_the_words_that_the_model_does_not_know(hotline: Path) -> None:
    put_model(hotline / "models/tr")
    done = ivr(*CHECK, folder=hotline)
    assert done.returncode == 1
    assert "hotline.yaml:9:45: 'faturalar' cannot be heard: the speech model does not know 'faturalar'" in done.stderr
    assert "take other words; it knows fatura" in done.stderr
    assert "bill" not in done.stderr


def test_words_of_numbers_and_dates_are_no_mistake_of_the_flow(hotline: Path) -> None:
    words = ("fatura", "faturalar", "bill")
    for language in ("tr", "en"):
        put_model(hotline / "models" / language, {**MODEL, "graph/Gr.fst": graph(outputs=symbols(words))})
    done = ivr(*CHECK, folder=hotline)
    assert done.returncode == 0, done.stderr
    [told] = [line for line in done.stdout.splitlines() if line.startswith("tr: ")]
    assert told.startswith("tr: callers cannot say ")
    assert told.endswith(", …: the speech model does not know these words of numbers, dates and the like")
    assert "ağustos" in told
    assert "lira" not in told  # nobody asks for an amount


def test_a_damaged_model_is_told_at_a_check(hotline: Path) -> None:
    put_model(hotline / "models/tr", {**MODEL, "graph/Gr.fst": b"damaged"})
    done = ivr(*CHECK, folder=hotline)
    assert done.returncode == 1
    assert "the words of this model cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_phrases_are_looked_up_as_they_are_spoken(tmp_path: Path) -> None:
    unheard = unheard_in(tmp_path)
    assert unheard("tr", "fatura") is None
    put_model(tmp_path / "tr")
    unheard = unheard_in(tmp_path)
    assert unheard("tr", "FATURA, ARIZA!") == {}
    assert unheard("tr", "arizam o'clock") == {"arizam": ()}
    assert unheard("en", "bill") is None


def test_the_sample_can_be_said_in_english(tmp_path: Path) -> None:
    model = need_model("en")
    if stands_in("en"):
        pytest.skip("the English model is a stand-in")
    (tmp_path / "models").mkdir()
    (tmp_path / "models/en").symlink_to(model)
    done = ivr("check", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "en: no speech model" not in done.stdout


def test_figures_are_to_be_written_as_they_are_said(tmp_path: Path) -> None:
    for language in ("tr", "en", "de"):
        put_model(tmp_path / language)
    unheard = unheard_in(tmp_path)
    assert unheard("en", "credit 100") == {"credit": (), "100": ("one hundred",)}
    assert unheard("tr", "21") == {"21": ("yirmi bir",)}
    for unclear in ("007", "4g", "9" * 20):
        assert unheard("en", unclear) == {unclear: ()}
    assert unheard("de", "100") == {"100": ()}


def test_a_check_tells_how_figures_are_written(hotline: Path) -> None:
    put_model(hotline / "models/tr")
    flow = hotline / "hotline.yaml"
    flow.write_text(FLOW.replace("tr: [fatura, faturalar]", "tr: [fatura 21, 4g fatura]"), encoding="utf-8")
    done = ivr(*CHECK, folder=hotline)
    assert "write '21' as it is said: yirmi bir\n" in done.stderr
    assert "write '4g' as it is said\n" in done.stderr
    assert "take other words" not in done.stderr


def test_what_can_be_said_in_one_language_alone_is_noted(hotline: Path) -> None:
    flow = hotline / "hotline.yaml"
    told = ", en: [bill]}, next: day}"
    others = "two: {key: 2, phrases: {tr: [iki]}, next: day}\n      three: {key: 3, phrases: [www], next: day}"
    for language in ("tr", "en"):
        words = WORDS.replace("{main:", "{main.two: Two, main.three: Three, main:")
        (hotline / f"prompts/{language}.yaml").write_text(words, encoding="utf-8")
    flow.write_text(FLOW.replace(told, f"}}, next: day}}\n      {others}"), encoding="utf-8")
    done = ivr(*CHECK, folder=hotline)
    assert done.returncode == 0, done.stderr
    notes = [line for line in done.stdout.splitlines() if "nobody can say" in line]
    assert notes == ["en: nobody can say 'bill' or 'two' at 'main' of 'hotline': write phrases for it"]
    flow.write_text(flow.read_text(encoding="utf-8").replace("menu: welcome", "menu: welcome\n    listen: false"))
    assert "nobody can say" not in ivr(*CHECK, folder=hotline).stdout


async def test_the_doctor_tells_who_can_be_heard(here: Path) -> None:
    async def told(more: str) -> list[str]:
        (here / "devam.toml").write_text(GOOD + more, encoding="utf-8")
        return [
            f"{one.ok} {one.what} {one.mend}"
            for one in await examine(here / "devam.toml")
            if "speech" in one.what or "keys" in one.what
        ]

    assert await told("") == [
        f"True callers have keys only: there is no speech model in {here}/models; "
        f"`ivr models get tr --folder {here}/models` brings one "
    ]
    assert await told("[hearing]\nplaces = 0\n") == ["True callers have keys only: hearing.places is 0 "]
    assert await told('[hearing.servers]\ntr = "ws://10.0.0.9:2700"\n') == [
        "True speech in 'tr' is recognised by ws://10.0.0.9:2700 "
    ]
    put_model(here / "models/tr")
    [broken] = await told("")
    assert broken.startswith("False speech model of 'tr' ")
    assert broken.endswith(f"; `ivr models get tr --folder {here}/models` again")


def test_a_download_without_a_terminal_is_a_line_now_and_then() -> None:
    heard = io.StringIO()
    with download_bar(Console(file=heard), "model") as step:
        for done in range(0, 10_000_001, 10_000):
            step(done, 10_000_000)
    lines = heard.getvalue().splitlines()
    assert len(lines) == 11
    assert (lines[0], lines[-1]) == ("model 0.0 of 10.0 MB", "model 10.0 of 10.0 MB")


def test_a_download_on_a_terminal_is_a_bar() -> None:
    heard = io.StringIO()
    with download_bar(Console(file=heard, force_terminal=True, width=100), "model") as step:
        step(5_000_000, 10_000_000)
    assert "5.0/10.0 MB" in heard.getvalue()
