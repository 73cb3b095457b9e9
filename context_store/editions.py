"""The records of what is published: editions of a hotline, who published them, and the announcement. Plain data.

Times are seconds since the epoch (UTC). A hotline goes by the name of its main flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Deed = Literal["published", "rolled_back"]


@dataclass(frozen=True, slots=True)
class Edition:
    """All texts of a hotline at one version. `files`: "flows/hotline.yaml", "prompts/tr.yaml" → text.

    `version` is the digest of the content, `at` and `by` tell who brought it into the store and when.
    """

    hotline: str
    version: str
    files: Mapping[str, str]
    at: float
    by: str


@dataclass(frozen=True, slots=True)
class Publication:
    """That `version` went live. `before` is the version that was live until then, empty for none."""

    version: str
    before: str
    at: float
    by: str
    note: str = ""
    deed: Deed = "published"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What every caller hears until the time `until`: language → text."""

    texts: Mapping[str, str]
    until: float
    at: float
    by: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a call that begins now is to be served with. `version` is empty when nothing is published."""

    version: str = ""
    announcement: Announcement | None = None
