"""Settings of the company's systems: where each is, how it lets us in, and how long we bear with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, field_validator

from ivr.settings_section import Password, Section

COMPANY = "company"
"""The system at `services.url`. The others have the names that `services.systems` gives them."""

Url = Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$")]
SystemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Secret = Annotated[SecretStr, Field(min_length=1)]


class Limits(Section):
    """How long a system is borne with, and when it is left alone because it fails again and again."""

    tries: Annotated[int, Field(ge=1, le=5)] = Field(
        default=3, description="how often a question may be put that can be put twice"
    )
    request_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        default=10.0, description="how long one request may take, whatever the flow allows"
    )
    breaker_failures: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="so many failures in a row open the circuit"
    )
    breaker_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=20.0, description="how long the circuit stays open before one question is let through"
    )


class BearerAuth(Section):
    """A token that never changes: `Authorization: Bearer …`."""

    kind: Literal["bearer"]
    token: Secret


class BasicAuth(Section):
    """A user with a password."""

    kind: Literal["basic"]
    user: Annotated[str, Field(min_length=1, pattern=r"^[^:\x00-\x1f\x7f]+$")]
    password: Secret


class HeaderAuth(Section):
    """A key in a header of the system's own, such as X-Api-Key."""

    kind: Literal["header"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$")]
    value: Secret


class OAuth2Auth(Section):
    """OAuth 2 client credentials (RFC 6749, 4.4): a token that is fetched, kept for its lifetime and fetched anew."""

    kind: Literal["oauth2"]
    token_url: Url
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Secret
    scope: str = ""


class NoAuth(Section):
    """Whoever can reach the system may ask it."""

    kind: Literal["none"]


Auth = Annotated[BearerAuth | BasicAuth | HeaderAuth | OAuth2Auth | NoAuth, Field(discriminator="kind")]


class SystemSettings(Limits):
    """One of the company's systems beside the one at `services.url`."""

    url: Url
    auth: Auth


class ServicesSettings(Limits):
    """The company's systems. `url` and `token` are those of the system that the map of services calls `company`."""

    url: Url = "http://127.0.0.1:8070"
    token: Password
    systems: dict[SystemName, SystemSettings] = Field(default_factory=dict)

    @field_validator("systems")
    @classmethod
    def _name_is_free(cls, systems: dict[str, SystemSettings]) -> dict[str, SystemSettings]:
        if COMPANY in systems:
            raise ValueError(f"{COMPANY!r} is the system at services.url already; choose another name")
        return systems
