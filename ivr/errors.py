"""The error tree. An operator reads the message, so each says what is wrong and how to mend it.

DevamError
├── SettingsError        settings that cannot be used; all mistakes at once
├── FlowError            a flow or prompt book that cannot be used; carries every `Problem`
├── TelephonyError
│   ├── TelephonyTimeout     Asterisk did not answer in time
│   ├── TelephonyDown        there is no connection to Asterisk
│   ├── ChannelGone          the channel does not exist any more
│   ├── AlreadyClaimed       another controller has the call
│   └── TelephonyRefused     Asterisk answered with an error
├── ServiceError         the company's systems did not give a usable answer
├── SpeechError          a prompt cannot be rendered or synthesised
├── ModelError           a speech model cannot be had, or cannot be used
├── TapeError            a recorded call cannot be read
└── SandboxError         the sandbox cannot start
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


class DevamError(Exception):
    """Anything of ours that can go wrong."""


class SettingsError(DevamError):
    """Settings that cannot be used. The message lists every mistake."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file that operations staff write. Lines and columns count from 1; 0 when not known.

    `rule` names the rule that found it, for reports that programs read.
    """

    file: str
    line: int
    column: int
    what: str
    mend: str = ""
    rule: str = field(default="", compare=False)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.what}" + (f"\n    {self.mend}" if self.mend else "")


class FlowError(DevamError):
    """A flow or prompt book that cannot be used. `problems` holds every mistake, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class TelephonyError(DevamError):
    """Asterisk could not do what was asked."""


class TelephonyTimeout(TelephonyError):
    """Asterisk did not answer in time."""


class TelephonyDown(TelephonyError):
    """There is no connection to Asterisk."""


class ChannelGone(TelephonyError):
    """The channel, or the playback on it, does not exist any more."""


class AlreadyClaimed(TelephonyError):
    """Another controller was faster."""


class TelephonyRefused(TelephonyError):
    """Asterisk answered with an error."""


class ServiceError(DevamError):
    """A service gave no usable answer. `reason` is one of those of `flow.events.ServiceFailed`."""

    def __init__(self, service: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{service}: {reason}" + (f" ({detail})" if detail else ""))
        self.service = service
        self.reason = reason


class SpeechError(DevamError):
    """A prompt cannot be rendered or synthesised."""


class ModelError(DevamError):
    """A speech model cannot be had, or cannot be used."""


class SandboxError(DevamError):
    """The sandbox cannot be set up or started. The message says how to mend it."""


class TapeError(DevamError):
    """A recorded call that cannot be read, or whose edition of the hotline is missing."""
