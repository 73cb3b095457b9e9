"""Where the files that come with Devam are: flows, dialplan templates, prompts, flow tests, the package list.

In a checkout they stand at its top, where people edit them; an installed wheel carries a copy in `ivr/data`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def packaged(name: str) -> Path:
    """The folder or file of that name: "dialplans", "prompts", "tests/scenarios" or "docker/packages.txt"."""
    carried = _PACKAGE / "data" / name
    return carried if carried.exists() else _PACKAGE.parent / name
