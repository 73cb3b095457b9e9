"""What a TM Forum resource in a request's body may be: the sample reads what it needs of it."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from ivr.services.backoffice.requests import Request


class Part(Request):
    """What is needed of a resource; there may be more to it."""

    model_config = ConfigDict(extra="ignore")


class Reference(Part):
    """Another resource that is pointed to."""

    id: str
    type: str = Field(default="", alias="@referredType")
