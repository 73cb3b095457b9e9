"""What templates, conditions and prompts may name at one moment of a call. Pure; made anew for each, so it is cheap."""

from __future__ import annotations

from collections.abc import Mapping

from context_store.records import Json, Progress
from ivr.flow.hours import local_time
from ivr.flow.model import Flow


def context_of(
    hotline: Flow, flow: Flow, progress: Progress, at: float, answers: Mapping[str, str] | None = None
) -> dict[str, Json]:
    """Every fact by its name, and the names that no fact may have.

    `flow` is the present one, `answers` are said without being kept, `at` is in seconds since the epoch.
    """
    local = local_time(at, hotline.zone)
    known = {name: answer.value for name, answer in progress.answers.items()}
    return {
        **progress.facts,
        "answers": {**known, **answers} if answers else known,
        "now": {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "weekday": local.isoweekday()},
        "open": {name: hours.is_open(local) for name, hours in flow.hours.items()},
        "language": progress.language,
        "level": progress.level.value,
        "wording": hotline.wordings.get(progress.language, {}),
    }
