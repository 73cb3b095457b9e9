"""How each program of the sandbox is configured and started: Redis, the hotline's Asterisk, the network's Asterisk."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ivr.sandbox.components import Components
from ivr.sandbox.daemon import Daemon, Probe
from ivr.sandbox.plan import Network
from ivr.sandbox.probes import Ari
from ivr.sandbox.redis_node import RedisNode
from ivr.settings import Settings
from ivr.telephony import dialplan
from ivr.telephony.dialplan import Places

_TEMPLATES: Final = Path(__file__).parent / "templates"


def redis(components: Components, folder: Path, settings: Settings) -> RedisNode:
    """Redis with a password and no files: what it knows goes with it."""
    url = urlsplit(settings.redis.url.get_secret_value())
    return RedisNode("Redis", components, folder, url.port or 6379, url.password or "")


def hotline(components: Components, folder: Path, settings: Settings, templates: Path | None) -> Daemon:
    """The Asterisk that callers reach, with the dialplan that production has."""
    places = _places(components, folder)
    dialplan.render(settings, places.configuration, places, templates)
    ari = _hotline_ari(settings)

    async def ready() -> bool:
        return bool(await ari.get("asterisk/ping"))

    return _asterisk("Asterisk", components, places, ready)


def network(components: Components, folder: Path, settings: Settings, plan: Network) -> Daemon:
    """The Asterisk that plays the telephone network; ready when the agents' phones are registered at the hotline."""
    places = _places(components, folder)
    variables = {"settings": settings, "network": plan, "places": places}
    dialplan.render_folder(_TEMPLATES, places.configuration, variables)
    ari = Ari(plan.ari_host, plan.ari_port, plan.ari_user, plan.ari_password)
    hotline = _hotline_ari(settings)
    phones = {agent.phone for agent in settings.agents}

    async def ready() -> bool:
        if not await ari.get("asterisk/ping"):
            return False
        endpoints = await hotline.get("endpoints/PJSIP") or ()
        return phones <= {endpoint["resource"] for endpoint in endpoints if endpoint["state"] == "online"}

    return _asterisk("the telephone network's Asterisk", components, places, ready)


def _hotline_ari(settings: Settings) -> Ari:
    asterisk = settings.asterisk
    return Ari("127.0.0.1", asterisk.ari_port, asterisk.ari_user, asterisk.ari_password.get_secret_value())


def _places(components: Components, folder: Path) -> Places:
    """The folders of an Asterisk, made."""
    places = Places(
        configuration=folder / "etc",
        modules=components.asterisk.modules,
        data=components.asterisk.data,
        state=folder / "state/lib",
        spool=folder / "state/spool",
        cache=folder / "state/cache",
        logs=folder / "log",
        # Relative, to the folder that it is started in: a socket's path may have 107 characters only.
        run=Path(),
    )
    for path in (places.state, places.cache, places.spool / "recording", places.logs):
        path.mkdir(parents=True)
    return places


def _asterisk(name: str, components: Components, places: Places, ready: Probe) -> Daemon:
    return Daemon(
        name,
        [*components.asterisk.command, "-f", "-C", str(places.configuration / "asterisk.conf")],
        log=places.logs / "output.log",
        more_log=places.logs / "messages.log",
        folder=places.state,
        ready=ready,
        environment=components.environment(),
    )
