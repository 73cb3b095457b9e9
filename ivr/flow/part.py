"""What every class of the flow language has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Any part of a flow: unknown keys are mistakes, nothing changes after loading. Files write the aliases."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
