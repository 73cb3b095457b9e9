"""The company's services by the settings and the map of services: the systems, and how each service is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from ivr.resources import packaged
from ivr.services.adapters import Adapter
from ivr.services.authentication import authentication
from ivr.services.company import CompanyServices
from ivr.services.company_map import CompanyMap, read_map
from ivr.services.mapped import Mapped
from ivr.services.plain import Plain
from ivr.services.system import HttpSystem, Place
from ivr.services.tmforum.adapter import TmForum
from ivr.services.tmforum.apis import Apis, local_now
from ivr.settings_services import COMPANY, BearerAuth, ServicesSettings


def company_services(
    settings: ServicesSettings, map_file: Path | None, now: Callable[[], datetime] = local_now
) -> CompanyServices:
    """Ready to be opened; nothing is asked yet. `map_file` None: the map that comes with Devam.

    `now` tells what still counts of what systems keep with its time. Raises `SettingsError` for a map that cannot be
    used.
    """
    found = services_map(settings, map_file)
    systems = _systems(settings)
    return CompanyServices(list(systems.values()), _adapters(found, systems, now))


def services_map(settings: ServicesSettings, map_file: Path | None) -> CompanyMap:
    """The map that counts: the one in `map_file`, or the one that comes with Devam. Raises `SettingsError`."""
    return read_map(map_file or packaged("dialplans/services.yaml"), settings.systems)


def _systems(settings: ServicesSettings) -> dict[str, HttpSystem]:
    place = Place(COMPANY, settings.url, "services.url", "services.token")
    token = BearerAuth(kind="bearer", token=settings.token)
    systems = {COMPANY: HttpSystem(place, authentication(token, place.auth_setting), settings)}
    for name, system in settings.systems.items():
        setting = f"services.systems.{name}"
        place = Place(name, system.url, f"{setting}.url", f"{setting}.auth")
        systems[name] = HttpSystem(place, authentication(system.auth, place.auth_setting), system)
    return systems


def _adapters(found: CompanyMap, systems: Mapping[str, HttpSystem], now: Callable[[], datetime]) -> dict[str, Adapter]:
    plain = Plain(systems[COMPANY])
    tmforum = TmForum(Apis({api: (systems[name], path) for api, (name, path) in found.apis.items()}, now))
    adapters: dict[str, Adapter] = {}
    for service, way in found.ways.items():
        if isinstance(way, tuple):
            name, request = way
            adapters[service] = Mapped(systems[name], request)
        else:
            adapters[service] = tmforum if way == "tmforum" else plain
    return adapters
