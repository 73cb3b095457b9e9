"""What every part of the settings is made of: sections that know their keys, and words that can stand anywhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Port = Annotated[int, Field(ge=1, le=65535)]
# Words go into Asterisk's configuration files: no newline, no semicolon.
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Password = Annotated[SecretStr, Field(min_length=8)]


class Section(BaseModel):
    """A part of the settings; an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")
