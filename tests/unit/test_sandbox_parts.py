"""The sandbox's parts that need no Asterisk: mirrors, versions, interrupted set-up, ports, the settings file."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr.errors import SandboxError
from ivr.sandbox import debian, unpack
from ivr.sandbox.components import AsteriskProgram, Components, good_asterisk, installed, unpacked
from ivr.sandbox.daemon import Daemon
from ivr.sandbox.debian import CannotInstall, Report, pick_mirror
from ivr.sandbox.plan import plan_network, plan_settings, toml, write_settings
from ivr.sandbox.ports import Ports
from ivr.settings import load

COMPONENTS = Components(
    AsteriskProgram(("asterisk",), Path("/modules"), Path("/data")),
    ("redis-server",),
    ("/a b/espeak-ng", '--path=/a b/"c"\\d'),
    ("sipp",),
)


def quiet(line: str) -> None:
    """Progress that nobody reads."""


@pytest.mark.parametrize(
    ("listing", "mirror"),
    [
        ("Debian http://mirror.example/debian\n", ("http://mirror.example/debian",)),
        ("Debian http://m.example/debian-security\nDebian https://m.example/debian/\n", ("https://m.example/debian/",)),
        (" http://mirror.example/debian\n", ("http://mirror.example/debian",)),  # before the first update
        ("Ubuntu http://mirror.example/ubuntu\n", ()),
        (" http://mirror.example/ubuntu\nSomebody http://other.example/debian\n", ()),
        ("Debian mirror+file:/etc/apt/mirrors/debian.list\nDebian cdrom:[Debian]/\n", ()),
        ("", ()),
        ("\x00\n \n", ()),
    ],
)
def test_the_mirror_is_the_one_of_apt_if_it_is_debians(listing: str, mirror: tuple[str, ...]) -> None:
    assert pick_mirror(listing) == mirror


@pytest.mark.parametrize(
    ("version", "good"),
    [
        *(((20, 19, 3), False), ((20, 20), True), ((21, 12), False), ((22, 9, 9), False), ((22, 10, 0), True)),
        *(((23, 3), False), ((23, 4), True), ((24, 0), True), ((18, 30), False), ((), False)),
    ],
)
def test_which_asterisk_is_good_enough(version: tuple[int, ...], good: bool) -> None:
    assert good_asterisk(version) is good


@pytest.mark.parametrize(
    ("says", "good"),
    [
        ("Redis server v=6.2.7 sha=0", True),
        ("Redis server v=6.0.16 sha=0", False),
        ("Valkey server", False),
        ("", False),
    ],
)
def test_an_installed_program_is_used_when_it_is_new_enough(
    says: str, good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "redis-server"
    program.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installed().redis_server == ((str(program),) if good else None)


class TestSetUp:
    @pytest.fixture
    def unpacking(self, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
        """Every unpacking that is asked for; it fails while `target/fail` of its parent exists."""
        asked: list[Path] = []

        def fake(names: Sequence[str], suite: str, folder: Path, report: Report) -> None:
            asked.append(folder)
            (folder / "usr/share/asterisk/sounds").mkdir(parents=True)
            (folder / "usr/share/asterisk/sounds/en").symlink_to("/nowhere/at/all")
            (folder / "usr/share/asterisk/sounds/silence").symlink_to("..")
            if (folder.parent / "fail").exists():
                raise SandboxError("the line broke")

        monkeypatch.setattr(debian, "unpack", fake)
        return asked

    def test_a_second_time_does_nothing(self, tmp_path: Path, unpacking: list[Path]) -> None:
        for _ in range(2):
            assert unpack.ensure_unpacked(("asterisk",), "forky", tmp_path / "it", quiet) == tmp_path / "it"
        assert len(unpacking) == 1

    def test_other_packages_are_unpacked_anew(self, tmp_path: Path, unpacking: list[Path]) -> None:
        unpack.ensure_unpacked(("asterisk",), "forky", tmp_path / "it", quiet)
        (tmp_path / "it/old").touch()
        unpack.ensure_unpacked(("asterisk", "sipp"), "forky", tmp_path / "it", quiet)
        assert len(unpacking) == 2
        assert not (tmp_path / "it/old").exists()

    def test_an_interrupted_one_is_done_again(self, tmp_path: Path, unpacking: list[Path]) -> None:
        (tmp_path / "fail").touch()
        with pytest.raises(SandboxError, match="the line broke"):
            unpack.ensure_unpacked(("asterisk",), "forky", tmp_path / "it", quiet)
        assert not (tmp_path / "it").exists()
        (tmp_path / ".it-dead.new").mkdir()  # as `kill -9` leaves it
        (tmp_path / "fail").unlink()
        unpack.ensure_unpacked(("asterisk",), "forky", tmp_path / "it", quiet)
        assert sorted(path.name for path in tmp_path.iterdir()) == [".it.lock", "it"]

    def test_dangling_links_go_and_others_stay(self, tmp_path: Path, unpacking: list[Path]) -> None:
        sounds = unpack.ensure_unpacked(("asterisk",), "forky", tmp_path / "it", quiet) / "usr/share/asterisk/sounds"
        assert [path.name for path in sounds.iterdir()] == ["silence"]

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path, unpacking: list[Path]) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(SandboxError, match="give a folder that can be written"):
            unpack.ensure_unpacked(("asterisk",), "forky", tmp_path / "file/it", quiet)

    def test_what_is_missing_in_the_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SandboxError, match=r"loader is missing; remove the folder"):
            unpacked(tmp_path)

    @pytest.mark.parametrize(
        ("machine", "loader"), [("x86_64", "ld-linux-x86-64.so.2"), ("aarch64", "ld-linux-aarch64.so.1")]
    )
    def test_programs_run_through_the_folders_own_loader(self, tmp_path: Path, machine: str, loader: str) -> None:
        libraries = tmp_path / f"usr/lib/{machine}-linux-gnu"
        for file in (
            libraries / loader,
            *(tmp_path / "usr/bin" / name for name in ("redis-server", "espeak-ng", "sipp")),
        ):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        (tmp_path / "usr/sbin").mkdir()
        (tmp_path / "usr/sbin/asterisk").touch()
        found = unpacked(tmp_path)
        start = (str(libraries / loader), "--library-path", f"{libraries}:{libraries}/pulseaudio")
        assert found.asterisk.command == (*start, str(tmp_path / "usr/sbin/asterisk"))
        assert found.espeak == (*start, str(tmp_path / "usr/bin/espeak-ng"), f"--path={libraries}")

    def test_without_root_the_command_is_told(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "apt-get").touch(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(CannotInstall, match="sudo apt-get install -y mmdebstrap"):
            debian.install(["mmdebstrap"], quiet)
        monkeypatch.setenv("PATH", "")
        with pytest.raises(CannotInstall, match="no apt-get here"):
            debian.install(["mmdebstrap"], quiet)


class TestPorts:
    def test_the_usual_one_when_it_is_free(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            taken = server.getsockname()[1]
            assert Ports(prefer_usual=True).tcp(taken) != taken
        assert Ports(prefer_usual=True).tcp(taken) == taken

    def test_no_port_twice(self) -> None:
        ports = Ports(prefer_usual=True)
        first = ports.tcp(20999)
        assert ports.tcp(first) != first

    def test_one_that_is_taken_on_any_address_is_not_given(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.3", 0))
            taken = other.getsockname()[1]
            assert Ports(prefer_usual=True).udp(taken, ("127.0.0.2", "127.0.0.3")) != taken

    def test_media_ports_start_even(self) -> None:
        start, end = Ports(prefer_usual=False).rtp(10000, ("127.0.0.1",))
        assert start % 2 == 0
        assert end - start == 1999


class TestPlan:
    def test_the_settings_file_is_read_as_it_was_meant(self, tmp_path: Path) -> None:
        plan = plan_settings(Ports(prefer_usual=False), COMPONENTS, tmp_path / 'cache "ö"', 7)
        write_settings(tmp_path / "devam.toml", plan)
        settings = load(tmp_path / "devam.toml")
        assert settings.speech.espeak == COMPONENTS.espeak
        assert settings.speech.cache == tmp_path / 'cache "ö"'
        assert [agent.name for agent in settings.agents] == ["Deniz", "Elif"]
        assert [queue.ring for queue in settings.queues] == [7, 7]
        assert settings.sip.trunk.match == (plan_network(Ports(prefer_usual=False)).carrier,)
        assert (tmp_path / "devam.toml").stat().st_mode & 0o777 == 0o600

    def test_a_path_of_speech_models_is_in_the_settings_only_when_there_is_one(self, tmp_path: Path) -> None:
        def planned(models: Path | None) -> Path:
            plan = plan_settings(Ports(prefer_usual=False), COMPONENTS, tmp_path, 7, models=models)
            write_settings(tmp_path / "devam.toml", plan)
            return load(tmp_path / "devam.toml").hearing.models

        assert planned(tmp_path / "elsewhere/ö") == tmp_path / "elsewhere/ö"
        assert planned(None) == tmp_path / "models"

    def test_every_password_is_another(self, tmp_path: Path) -> None:
        def secrets_of(value: object) -> list[str]:
            if isinstance(value, dict):
                return [
                    secret
                    for key, inner in value.items()
                    for secret in ([inner] if key.endswith(("password", "secret", "token")) else secrets_of(inner))
                ]
            return [secret for inner in value for secret in secrets_of(inner)] if isinstance(value, list) else []

        plans = [plan_settings(Ports(prefer_usual=False), COMPONENTS, tmp_path, 7) for _ in range(2)]
        found = [secret for plan in plans for secret in secrets_of(plan)]
        assert len(found) == len(set(found)) == 2 * 11

    def test_toml(self) -> None:
        settings = {"a": {"x": 'q"\\\n\tü', "y": [1, 2.5, True], "z": {"w": ["v"]}}, "b": [{"c": 1}, {"c": 2}]}
        assert tomllib.loads(toml(settings)) == settings


class TestDaemon:
    def daemon(self, tmp_path: Path, script: str, *, ready: bool = True, seconds: float = 10) -> Daemon:
        self.asked = asyncio.Event()

        async def probe() -> bool:
            self.asked.set()
            return ready

        return Daemon(
            "It",
            [sys.executable, "-I", "-S", "-c", script],
            log=tmp_path / "log",
            ready=probe,
            environment=os.environ,
            start_seconds=seconds,
            stop_seconds=seconds,
        )

    async def test_one_that_ends_while_starting_shows_what_it_said(self, tmp_path: Path) -> None:
        with pytest.raises(SandboxError, match=r"It ended while starting[^$]*no such thing"):
            await self.daemon(tmp_path, "raise SystemExit('no such thing')", ready=False).start()

    async def test_one_that_is_never_ready_is_ended(self, tmp_path: Path) -> None:
        daemon = self.daemon(tmp_path, "import time; time.sleep(60)", ready=False, seconds=0)
        with pytest.raises(SandboxError, match="was not ready"):
            await daemon.start()
        assert not daemon.running

    async def test_one_that_will_not_end_is_ended(self, tmp_path: Path) -> None:
        script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        daemon = self.daemon(tmp_path, script, seconds=0.1)
        await daemon.start()
        assert daemon.running
        await daemon.stop()
        assert not daemon.running

    async def test_cancelled_while_starting_it_leaves_nothing(self, tmp_path: Path) -> None:
        daemon = self.daemon(tmp_path, "import time; time.sleep(60)", ready=False)
        starting = asyncio.create_task(daemon.start())
        await self.asked.wait()
        assert daemon.running
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert not daemon.running

    async def test_a_program_that_does_not_exist(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        async def probe() -> bool:
            return True

        monkeypatch.setenv("PATH", "")  # so not even setpriv is there
        daemon = Daemon("It", ["/no/such"], log=tmp_path / "log", ready=probe, environment={})
        with pytest.raises(SandboxError, match="It cannot be started"):
            await daemon.start()
