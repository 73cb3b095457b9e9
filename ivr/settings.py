"""Settings: one TOML file and the environment, typed. Every mistake is reported at once.

The file is `devam.toml` in the working directory, or the one that `DEVAM_SETTINGS` or `--settings` names. A variable
such as `DEVAM_WEB__PORT=8090` wins over the file. Secrets print as stars.
"""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ivr.errors import SettingsError
from ivr.settings_exchange import Agent, AsteriskSettings, Queue, SipSettings
from ivr.settings_hearing import HearingSettings
from ivr.settings_mistakes import explain, unknown_variables
from ivr.settings_section import Password, Port, Section, Word
from ivr.settings_services import ServicesSettings
from ivr.settings_speech import SpeechSettings

DEFAULT_FILE = Path("devam.toml")


def _network(given: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(given))
    except ValueError as error:
        raise ValueError(f"{error}; give an IP address or network, as 10.0.0.5 or 10.0.0.0/24") from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class ControllerSettings(Section):
    """This controller. `name` tells controllers apart; its ARI application is `ivr-<name>`."""

    name: Word = "one"
    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "TR"
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "tr"
    flow: Word = "hotline"
    queue: Word = Field(default="agents", description="where callers go when the controller cannot help")
    lease_seconds: Annotated[float, Field(ge=0.5, le=30)] = Field(
        default=1.2, description="a controller that has not been heard of for so long loses its calls to the others"
    )
    drain_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        default=20, description="how long calls may go on when it is stopped; then others take them, or the queue does"
    )


class RedisSettings(Section):
    """Where conversations are kept. Lifetimes in hours. `timeout` (seconds): the longest that a caller waits for it."""

    url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")  # may hold a password
    timeout: Annotated[float, Field(gt=0, le=30)] = 0.5
    conversation_hours: Annotated[int, Field(ge=1, le=24 * 365)] = 24 * 30


class ConversationSettings(Section):
    """How long a conversation that nobody has closed is gone on with: with a customer, with an unknown number."""

    open_hours: Annotated[float, Field(ge=0, le=24 * 365)] = Field(
        default=72, description="calls about the same line belong together for so long; 0: each call stands alone"
    )
    unknown_hours: Annotated[float, Field(ge=0, le=24 * 30)] = Field(
        default=12, description="the same for calls of nobody knows whom, from the same number"
    )
    agent_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = Field(
        default=10, description="who was cut off from an agent is offered the same one again for so long; 0: never"
    )


class WebSettings(Section):
    """The agents' page and the API. `secret` signs sessions; `api_token` opens the API to other systems.

    `trusted_proxies` are the reverse proxies in front: only they are believed who the browser is and that it has TLS.
    """

    host: str = "127.0.0.1"
    port: Port = 8080
    secret: Password
    api_token: Password
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    trusted_proxies: tuple[Network, ...] = ()


class IdentificationSettings(Section):
    """How often callers may try to prove who they are, within a sliding window; how long a dropped call counts.

    Only attempts that failed count; one by a proof that is easily guessed counts more (`context_store.attempts.COSTS`).
    Withheld numbers are counted as one caller.
    """

    caller_attempts: Annotated[int, Field(ge=1)] = 10
    withheld_attempts: Annotated[int, Field(ge=1)] = 60
    claim_attempts: Annotated[int, Field(ge=1)] = 6
    overall_attempts: Annotated[int, Field(ge=1)] = 200
    window_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 60
    return_minutes: Annotated[float, Field(ge=0, le=60)] = Field(
        default=10, description="a caller whose call dropped is verified again when they call back so soon; 0: never"
    )
    audit_days: Annotated[int, Field(ge=1, le=3650)] = 90


class PathSettings(Section):
    """Folders and files that operations staff edit. None: the ones that come with Devam."""

    flows: Path | None = None
    prompts: Path | None = None
    dialplan: Path | None = None
    services: Path | None = Field(default=None, description="the map of services: which system answers what")


class LogSettings(Section):
    """How much is logged. Numbers and names are masked at every level."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="DEVAM_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
    )

    controller: ControllerSettings = ControllerSettings()
    asterisk: AsteriskSettings
    sip: SipSettings = SipSettings()
    queues: Annotated[tuple[Queue, ...], Field(min_length=1)] = (Queue(name="agents"),)
    agents: tuple[Agent, ...] = ()
    redis: RedisSettings = RedisSettings()
    web: WebSettings
    services: ServicesSettings
    identification: IdentificationSettings = IdentificationSettings()
    conversations: ConversationSettings = ConversationSettings()
    speech: SpeechSettings = SpeechSettings()
    hearing: HearingSettings = HearingSettings()
    paths: PathSettings = PathSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _names_fit(self) -> Settings:
        queues = [queue.name for queue in self.queues]
        unknown = {name for agent in self.agents for name in agent.queues} - set(queues)
        if unknown:
            raise ValueError(
                f"agents name queues that do not exist: {', '.join(sorted(unknown))}; there are {', '.join(queues)}"
            )
        if self.controller.queue not in queues:
            raise ValueError(
                f"controller.queue {self.controller.queue!r} is not one of the queues: {', '.join(queues)}"
            )
        if self.speech.url and self.asterisk.operator_password is None:
            raise ValueError(
                "speech.url needs asterisk.operator_password: what Asterisk fetched for one call has to be dropped"
            )
        users = [agent.phone for agent in self.agents] + [phone.user for phone in self.sip.softphones]
        if len(users) != len(set(users)):
            raise ValueError("two phones have the same SIP user; each agent and softphone needs its own")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then the file that `load` was given."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def settings_file(given: Path | None) -> Path | None:
    """The file to read: the given one, the one in `DEVAM_SETTINGS`, or `devam.toml` here. None when there is none."""
    named = given or (Path(os.environ["DEVAM_SETTINGS"]) if os.environ.get("DEVAM_SETTINGS") else None)
    if named and not named.is_file():
        who = "" if given else " (DEVAM_SETTINGS names it)"
        raise SettingsError(f"{named}: there is no such settings file{who}; `ivr init DIR` writes one")
    return named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def load(given: Path | None = None) -> Settings:
    """Read and check the settings. Raises `SettingsError` that lists every mistake and how to mend it.

    Relative paths in the file are meant from the file's folder.
    """
    file = settings_file(given)

    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    if unknown := unknown_variables(Settings):
        raise SettingsError("\n".join(unknown))
    try:
        return _from_folder(FromFile(), file.parent if file else Path.cwd())
    except ValidationError as error:
        raise SettingsError(explain(error, Settings, file)) from None
    except (ValueError, OSError) as error:  # TOML that cannot be parsed
        raise SettingsError(f"{file}: {error}") from None


def _from_folder(settings: Settings, folder: Path) -> Settings:
    """Make the paths absolute."""

    def absolute(path: Path | None) -> Path | None:
        return path and (folder.resolve() / path.expanduser())

    paths = settings.paths
    return settings.model_copy(
        update={
            "speech": settings.speech.from_folder(folder),
            "hearing": settings.hearing.model_copy(update={"models": absolute(settings.hearing.models)}),
            "paths": PathSettings(
                flows=absolute(paths.flows),
                prompts=absolute(paths.prompts),
                dialplan=absolute(paths.dialplan),
                services=absolute(paths.services),
            ),
        }
    )
