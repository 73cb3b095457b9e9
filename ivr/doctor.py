"""`ivr doctor`: looks at everything a controller needs and says, for each, whether it is there and how to mend it."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from context_store.errors import StoreError
from context_store.records import new_id
from context_store.redis_library import RedisLibrary
from context_store.redis_store import RedisStore
from ivr.errors import DevamError, ServiceError
from ivr.hotline.reading import read_edition, read_settings_hotline
from ivr.parts import sound_addresses
from ivr.services.company_map import CompanyMap
from ivr.services.opening import company_services, services_map
from ivr.services.system import HttpSystem
from ivr.settings import Settings, load, settings_file
from ivr.settings_services import COMPANY
from ivr.speech.models.folder import Installed, bring, installed
from ivr.speech.models.trial import try_model
from ivr.speech.models.web import shown
from ivr.telephony.ari_wire import authorization
from ivr.telephony.operator import run_command

_WAYS = {"tmforum": "over TM Forum's APIs", "plain": "the plain way"}
PATIENCE = 5.0  # seconds for each look


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` says what to do when it is not `ok`."""

    ok: bool
    what: str
    mend: str = ""


async def examine(settings: Path | None) -> list[Finding]:
    """Look at everything, in the order in which one would mend it; at nothing more when the settings cannot be used."""
    try:
        loaded = load(settings)
    except DevamError as error:
        return [Finding(False, "settings", str(error))]
    return [
        Finding(True, f"settings {settings_file(settings) or 'from the environment'}"),
        await _hotline(loaded),
        await _espeak(loaded),
        *await _hearing(loaded),
        await _redis(loaded),
        await _published(loaded),
        await _ari(loaded),
        await _ami(loaded),
        *await _sound(loaded),
        *await _services(loaded),
    ]


async def _hotline(settings: Settings) -> Finding:
    try:
        flow, _ = read_settings_hotline(settings)
    except DevamError as error:
        return Finding(False, f"flow {settings.controller.flow}", str(error))
    return Finding(True, f"flow {flow.flow}, {flow.size} nodes, version {flow.version}")


async def _espeak(settings: Settings) -> Finding:
    program = settings.speech.espeak[0]
    found = shutil.which(program)
    return Finding(
        found is not None, f"synthesiser {program}", "install espeak-ng, or set speech.espeak to its command"
    )


async def _hearing(settings: Settings) -> list[Finding]:
    """Whether callers can be heard, in which languages. Where they cannot, there are keys: that is no mistake."""
    hearing = settings.hearing
    if hearing.places == 0:
        return [Finding(True, "callers have keys only: hearing.places is 0")]
    here = {model.language: model for model in await asyncio.to_thread(installed, hearing.models)}
    if not here and not hearing.servers:
        mend = f"{bring('tr', hearing.models)} brings one"
        return [Finding(True, f"callers have keys only: there is no speech model in {hearing.models}; {mend}")]
    return [
        *[
            Finding(True, f"speech in {one!r} is recognised by {shown(hearing.servers[one])}")
            for one in sorted(hearing.servers)
        ],
        *[await _model(model) for language, model in sorted(here.items()) if language not in hearing.servers],
    ]


async def _model(model: Installed) -> Finding:
    try:
        await asyncio.to_thread(try_model, model.folder)
    except DevamError as error:
        return Finding(
            False, f"speech model of {model.language!r}", f"{error}; {bring(model.language, model.folder.parent)} again"
        )
    return Finding(True, f"speech model of {model.language!r}: {model.name}, it works")


async def _redis(settings: Settings) -> Finding:
    try:
        store = RedisStore(settings.redis.url.get_secret_value(), timeout=settings.redis.timeout, lifetime=60)
        async with aclosing(store):
            await store.ping()
    except StoreError as error:
        return Finding(False, "Redis", f"{error}; calls go on without it, but no conversation is kept")
    return Finding(True, "Redis answers")


async def _published(settings: Settings) -> Finding:
    """What calls are served with, and whether a controller with these settings can."""
    hotline, redis = settings.controller.flow, settings.redis
    version = ""
    try:
        async with aclosing(RedisLibrary(redis.url.get_secret_value(), timeout=redis.timeout)) as library:
            version = (await library.standing(hotline)).version
            edition = await library.edition(hotline, version) if version else None
    except StoreError as error:
        return Finding(False, "what is published", f"{error}; a controller that starts now serves the files")
    if not version:
        return Finding(True, "nothing is published: calls are served from the files")
    if edition is None:
        return Finding(False, f"edition {version}", "the store has lost its texts: publish it again, or roll back")
    try:
        read_edition(edition, settings)
    except DevamError as error:
        mend = "take the version of Devam and the settings that it was published with, or roll back"
        return Finding(False, f"edition {version} cannot be served here", f"{error}\n          {mend}")
    return Finding(True, f"edition {version} is live, published by {edition.by}")


async def _ari(settings: Settings) -> Finding:
    asterisk = settings.asterisk
    url = f"http://{asterisk.host}:{asterisk.ari_port}/ari/asterisk/info"
    login = {"Authorization": authorization(asterisk.ari_user, asterisk.ari_password.get_secret_value())}
    try:
        timeout = aiohttp.ClientTimeout(PATIENCE)
        async with aiohttp.ClientSession(timeout=timeout, headers=login) as session, session.get(url) as answer:
            if answer.status == 401:
                return Finding(False, "ARI", "asterisk.ari_user or ari_password is wrong: `ivr render` again")
            version = (await answer.json())["system"]["version"]
    except (aiohttp.ClientError, TimeoutError, KeyError, TypeError, ValueError) as error:
        hint = "start Asterisk with the configuration that `ivr render` writes, or try `ivr sandbox`"
        return Finding(False, f"ARI at {asterisk.host}:{asterisk.ari_port}", f"{error or 'no answer in time'}; {hint}")
    return Finding(True, f"ARI answers, Asterisk {version}")


async def _ami(settings: Settings) -> Finding:
    asterisk = settings.asterisk
    if asterisk.operator_password is None:
        return Finding(False, "AMI", "set asterisk.operator_password, `ivr render` again and reload Asterisk")
    try:
        text = await _console(settings, "module show like app_stasis_broadcast")
    except DevamError as error:
        return Finding(False, f"AMI at {asterisk.host}:{asterisk.ami_port}", str(error))
    if asterisk.broadcast and "app_stasis_broadcast" not in text:
        mend = "take Asterisk 20.20, 22.10 or later, or set asterisk.broadcast = false for a single controller"
        return Finding(False, "StasisBroadcast", mend)
    return Finding(True, "AMI answers" + (", StasisBroadcast is loaded" if asterisk.broadcast else ""))


async def _sound(settings: Settings) -> list[Finding]:
    """Whether Asterisk gets sound, where it does not read the files: it is told to fetch one."""
    addresses = sound_addresses(settings)
    if addresses is None:
        return []
    what = f"sound from {settings.speech.url}"
    file = next(settings.speech.cache.glob("*/*.wav"), None)
    if file is None:
        return [Finding(False, what, "there is none as yet: `ivr prompts build`")]
    [address] = await addresses.of([file])
    try:  # by an address that Asterisk has never seen, as it would not ask again for another
        fetched = "Refreshed" in await _console(settings, f"media cache refresh {address}?{new_id()}")
    except DevamError as error:
        return [Finding(False, what, str(error))]
    mend = (
        "Asterisk cannot fetch it; is the controller running, and can Asterisk's machine reach it there? If speech.url"
        " is new, `ivr render` again and restart Asterisk"
    )
    return [Finding(fetched, f"{what}{' reaches Asterisk' if fetched else ''}", mend)]


async def _console(settings: Settings, command: str) -> str:
    """What Asterisk's console says. Raises `TelephonyError`."""
    own = settings.asterisk
    password = own.operator_password.get_secret_value() if own.operator_password else ""
    return await asyncio.to_thread(run_command, own.host, own.ami_port, own.operator_user, password, command, PATIENCE)


async def _services(settings: Settings) -> list[Finding]:
    """The map of services, and each of the company's systems."""
    file = settings.paths.services
    try:
        found = services_map(settings.services, file)
        services = company_services(settings.services, settings.paths.services)
    except DevamError as error:
        return [Finding(False, "the map of services", str(error))]
    async with services:
        return [
            _map_in_force(found, file),
            *_asked_once(found.asked_once),
            *[await _system(system) for system in services.systems],
        ]


def _map_in_force(found: CompanyMap, file: Path | None) -> Finding:
    """Which map it is, and how many services go which way."""
    ways = Counter(_WAYS[way] if isinstance(way, str) else f"in the words of {way[0]}" for way in found.ways.values())
    told = ", ".join(f"{count} {way}" for way, count in sorted(ways.items()))
    return Finding(True, f"{file or 'the map of services that comes with Devam'}: {len(found.ways)} services, {told}")


def _asked_once(services: Sequence[str]) -> Iterator[Finding]:
    """A system may be unable to know a request again. That is no mistake, but one should know it."""
    if services:
        yield Finding(
            True,
            f"the map of services; {', '.join(services)} cannot be asked twice safely: without `key_header` each is"
            " sent once, whatever a flow's `retries` say",
        )


async def _system(system: HttpSystem) -> Finding:
    """Whether it answers at all, and seems to accept what we show it: a look changes nothing, so it proves little."""
    place = system.place
    what = f"system {place.name} at {place.url}"
    try:
        async with asyncio.timeout(PATIENCE):
            status = await system.status("a look")
    except TimeoutError:
        return Finding(False, what, f"no answer within {PATIENCE:g} s; is {place.url_setting} right?")
    except ServiceError as error:
        hint = "; `ivr backoffice` runs a sample" if place.name == COMPANY else ""
        return Finding(False, what, f"{error}{hint}")
    if status in (401, 403):
        return Finding(False, what, f"it answers, but does not accept {place.auth_setting} (status {status})")
    return Finding(True, f"{what} answers (status {status}) and does not refuse {place.auth_setting}")
