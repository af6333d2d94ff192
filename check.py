#!/usr/bin/env python3
"""Run every test: `python3 check.py [pytest options]`; `--fresh` first throws `.venv` away, `-n0` runs one at a time.

Needs Python 3.11 to 3.13. The tests start real servers and real browsers, so Chromium, Firefox, WebKitGTK with its
driver, Xvfb, PostgreSQL, nginx and iproute2 are needed too: as root on Debian or Ubuntu they are installed, else
what is missing is named.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from run import ROOT, VENV, prepared_python

# Tests wait for servers and browsers, so there is one worker more than cores. A file's tests stay together, since they
# share what takes long to start; tests/conftest.py puts the long files first.
WORKERS = min(4, (os.cpu_count() or 1) + 1)
SIDE_BY_SIDE = (f"--numprocesses={WORKERS}", "--dist=loadfile", "--no-loadscope-reorder")
OTHER_NAMES = {
    "chromium": ("chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox-esr": ("firefox",),
}
PACKAGES = {  # of Debian, by the program that the tests start
    "chromium": "chromium",
    "firefox-esr": "firefox-esr",
    "WebKitWebDriver": "webkit2gtk-driver",
    "Xvfb": "xvfb",
    "initdb": "postgresql",
    "nginx": "nginx",
    "ip": "iproute2",
}


def find_program(name: str) -> str | None:
    """Where the server or browser `name` is, also in the folders that are not on everybody's PATH."""
    names = (os.environ.get("CHROMIUM", "") if name == "chromium" else "", name, *OTHER_NAMES.get(name, ()))
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/local/sbin"]
    folders += sorted((str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return next(
        (found for each in names if each and (found := shutil.which(each, path=os.pathsep.join(folders)))), None
    )


def install_programs() -> None:
    """Install the programs that the tests need, or exit with a sentence that names what is missing."""
    missing = [package for program, package in PACKAGES.items() if not find_program(program)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not missing:
        return
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        sys.exit(f"The tests also need: {', '.join(missing)}. On Debian: sudo apt install {' '.join(missing)}")
    print(f"Installing {', '.join(missing)} ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    subprocess.run([*apt, "update"], check=True, env=quiet)
    subprocess.run([*apt, "install", "--yes", "--no-install-recommends", *missing], check=True, env=quiet)


if __name__ == "__main__":
    options = sys.argv[1:]
    if "--fresh" in options:
        options.remove("--fresh")
        shutil.rmtree(VENV, ignore_errors=True)
    try:
        install_programs()
        python = prepared_python("requirements-dev.txt")
    except subprocess.CalledProcessError as error:
        sys.exit(f"This did not work: {' '.join(map(str, error.cmd))}")
    sys.exit(subprocess.run([python, "-m", "pytest", *SIDE_BY_SIDE, *options], cwd=ROOT).returncode)
