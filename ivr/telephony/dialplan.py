"""Renders Asterisk's configuration from `dialplans/asterisk/*.conf.j2` and the settings.

Writes files and nothing else. What settings hold is text of people: a value that could end its line or start a comment
is refused, so no setting can write configuration of its own.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2

from ivr.errors import SettingsError
from ivr.resources import packaged
from ivr.settings import Settings

# Names with a meaning of their own in queues.conf, extensions.conf or pjsip.conf.
_TAKEN: Final = frozenset({"general", "globals", "global", "system", "s", "i", "h", "t", "T", "e", "o", "a", "fax"})
# Files with nothing of ours to set. Asterisk logs an error for each that is missing; one that is there is left alone.
_EMPTY: Final = (
    *("acl.conf", "ccss.conf", "cel.conf", "features.conf", "geolocation.conf", "pjproject.conf", "queuerules.conf"),
    *("stasis.conf", "statsd.conf", "udptl.conf", "websocket_client.conf"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where Asterisk finds its things on the machine that it will run on.

    `configuration` is the folder the rendered files are read from; `state`, `spool`, `cache`, `logs` and `run` are
    writable folders. `listen` is the address of ARI and AMI.
    """

    configuration: Path
    modules: Path
    data: Path
    state: Path
    spool: Path
    cache: Path
    logs: Path
    run: Path
    listen: str = "127.0.0.1"

    @classmethod
    def installed(cls, configuration: Path = Path("/etc/asterisk")) -> Places:
        """The places of a Debian package of Asterisk on this machine."""
        found = sorted(Path("/usr/lib").glob("*/asterisk/modules"))
        return cls(
            configuration=configuration,
            modules=found[0] if found else Path("/usr/lib/asterisk/modules"),
            data=Path("/usr/share/asterisk"),
            state=Path("/var/lib/asterisk"),
            spool=Path("/var/spool/asterisk"),
            cache=Path("/var/cache/asterisk"),
            logs=Path("/var/log/asterisk"),
            run=Path("/var/run/asterisk"),
        )


def render(settings: Settings, target: Path, places: Places, templates: Path | None = None) -> tuple[Path, ...]:
    """Render every template into `target`, all of them or none. Returns the files.

    `templates` defaults to the settings' `paths.dialplan`, then to the ones that come with Devam. Raises
    `SettingsError`.
    """
    _check_names(settings)
    folder = templates or settings.paths.dialplan or packaged("dialplans") / "asterisk"
    return render_folder(folder, target, {"settings": settings, "places": places})


def render_folder(templates: Path, target: Path, variables: Mapping[str, object]) -> tuple[Path, ...]:
    """Render `templates/*.conf.j2` into `target` with these variables, all or none. Raises `SettingsError`.

    Files are readable by their owner alone, as some hold passwords. Root gives them to the owner of `target`.
    """
    sources = sorted(templates.glob("*.conf.j2"))
    if not sources:
        raise SettingsError(f"{templates}: there are no *.conf.j2 templates; `ivr init DIR` writes a set")
    environment = _environment(templates)
    texts = {target / source.name.removesuffix(".j2"): _text(environment, source, variables) for source in sources}
    for name in _EMPTY:
        if not (target / name).exists():
            texts.setdefault(target / name, "; Nothing is set here.\n")
    try:
        _write(texts, target)
    except OSError as error:
        raise SettingsError(f"{target}: the dialplan cannot be written: {error.strerror or error}") from error
    return tuple(texts)


def _check_names(settings: Settings) -> None:
    """Names become sections and extensions: refuse those that Asterisk takes for something else."""
    phones = [agent.phone for agent in settings.agents] + [phone.user for phone in settings.sip.softphones]
    endpoints = [*phones, settings.sip.trunk.name]
    names = [*endpoints, *(queue.name for queue in settings.queues)]
    bad = {name for name in names if name in _TAKEN or name.startswith(("_", "devam-"))}
    # The queues of single agents begin so.
    bad |= {queue.name for queue in settings.queues if queue.name.startswith("agent-")}
    if bad:
        raise SettingsError(f"Asterisk or Devam uses these names itself, choose others: {', '.join(sorted(bad))}")
    if settings.sip.trunk.name in phones:
        raise SettingsError(f"the trunk and a phone are both called {settings.sip.trunk.name!r}; rename one")
    asterisk = settings.asterisk
    if asterisk.ami_user == asterisk.operator_user:
        raise SettingsError("asterisk.ami_user and operator_user must be two names; they have different rights")
    private = [f"agent-{agent.phone}" for agent in settings.agents]  # the queues of single agents
    queues = [*(queue.name for queue in settings.queues), *private]
    # Asterisk ignores dashes in extensions.
    if len({name.replace("-", "") for name in queues}) != len(queues):
        raise SettingsError(f"two queues differ by dashes at most, which Asterisk ignores: {', '.join(queues)}")


def _environment(templates: Path) -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - configuration files, not HTML; `_safe` guards every value
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"plain": _plain, "host": _host}
    return environment


def _text(environment: jinja2.Environment, source: Path, variables: Mapping[str, object]) -> str:
    try:
        return environment.get_template(source.name).render(variables)
    except jinja2.TemplateSyntaxError as error:
        raise SettingsError(f"{error.filename or source}:{error.lineno}: {error.message}") from error
    except (jinja2.TemplateError, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{source}: {error}") from error
    except _Unsafe as error:
        raise SettingsError(f"{source.name}: {error}") from None


class _Unsafe(ValueError):
    """A value that would change the structure of the file. The message never shows it: it may be a password."""


def _safe(value: object) -> object:
    """Every value that a template prints passes here."""
    if isinstance(value, jinja2.Undefined):
        return value  # printing it raises, with the name that is missing
    text = str(value)
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise _Unsafe("a setting holds a line break or a control character; remove it")
    if ";" in text or "\\" in text:
        raise _Unsafe("a setting holds a semicolon or a backslash, which Asterisk's files cannot carry; choose another")
    if text != text.strip() or text.startswith((">", "#")):
        raise _Unsafe("a setting (a password?) starts or ends with a space, or starts with > or #; choose another")
    return text


def _plain(text: str) -> str:
    """A person's or queue's name without the signs that Asterisk's files give a meaning."""
    kept = (character if character.isalnum() or character in " .'-" else " " for character in text)
    return " ".join("".join(kept).split())


def _host(address: str) -> str:
    """An address that a port can follow."""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).version == 6:
            return f"[{address}]"
    return address


def _write(texts: Mapping[Path, str], target: Path) -> None:
    """Write all the new files beside the old ones first; what can fail, fails before the first is replaced."""
    target.mkdir(parents=True, exist_ok=True)
    owner = target.stat()
    written: dict[Path, Path] = {}
    try:
        for file, text in texts.items():
            if file.is_dir():
                raise IsADirectoryError(f"{file.name} is a folder")
            new = target / f".{file.name}.{secrets.token_hex(4)}"
            written[file] = new
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
                stream.write(text)
            if os.geteuid() == 0:
                os.chown(new, owner.st_uid, owner.st_gid)
        for file, new in written.items():
            new.replace(file)
    finally:
        for new in written.values():
            new.unlink(missing_ok=True)
