"""A Chromium for the tests of the agents' page: an installed one, or Debian's headless one unpacked without root.

`python -m tests.live.browser_setup` sets it up and prints where it is.
"""

from __future__ import annotations

import platform
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from ivr.errors import SandboxError
from ivr.sandbox import debian
from ivr.sandbox.debian import CannotInstall, Report
from ivr.sandbox.unpack import default_folder, ensure_unpacked

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
# It starts programs of its own and so cannot run through the folder's loader: it gets the folder's libraries, but the
# host's C library, which must not be older than the one it was built for.
C_LIBRARY = (
    "ld-linux libc.so libm.so libmvec.so libpthread.so libdl.so librt.so libresolv.so libutil.so libanl.so libnss_"
)


def chromium(folder: Path, report: Report) -> Path:
    """A Chromium that runs here; start it with `--no-sandbox`. Raises `CannotInstall` when there is no way to one."""
    for name in INSTALLED:
        path = shutil.which(name)
        if path and runs(Path(path)):
            return Path(path)
    unpacked = unpack(folder, report)
    if runs(unpacked):
        return unpacked
    debian.install(["chromium"], report)
    path = shutil.which("chromium")
    if path and runs(Path(path)):
        return Path(path)
    raise CannotInstall("no Chromium runs here; install one so that `chromium --headless --dump-dom about:blank` works")


def unpack(folder: Path, report: Report) -> Path:
    """Debian's headless Chromium under `folder`, behind a script that gives it its libraries and fonts."""
    root = ensure_unpacked(PACKAGES, suite(), folder / "browser", report).resolve()
    places = ("lib/*-linux-gnu*", "usr/lib/*-linux-gnu*", "usr/lib/*-linux-gnu*/pulseaudio")
    libraries = [path for place in places for path in root.glob(place)]
    for file in (file for path in libraries for file in path.iterdir()):
        if file.name.startswith(tuple(C_LIBRARY.split())):
            file.unlink()
    start = root / "chromium"
    path, home = shlex.quote(":".join(map(str, libraries))), shlex.quote(str(root))
    start.write_text(
        "#!/bin/sh\n"
        f"export LD_LIBRARY_PATH={path} FONTCONFIG_SYSROOT={home}\n"
        f'exec {home}/usr/lib/chromium/chromium-headless-shell "$@"\n',
        encoding="utf-8",
    )
    start.chmod(0o755)
    return start


def suite() -> str:
    """The host's own Debian release, so that its C library fits; elsewhere an old one, whose needs are modest."""
    host = platform.freedesktop_os_release()
    return host.get("VERSION_CODENAME", "") if host.get("ID") == "debian" else "bookworm"


def runs(browser: Path) -> bool:
    """Whether the browser can show a page here."""
    page = "data:text/html,<script>document.write(6*7)</script>"
    command = [str(browser), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page]
    try:
        result = subprocess.run(command, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0 and b"<body>42</body>" in result.stdout


if __name__ == "__main__":
    try:
        print(chromium(default_folder(), print))
    except CannotInstall as error:
        print(f"the tests of the page will be skipped: {error}")
    except SandboxError as error:
        sys.exit(str(error))
