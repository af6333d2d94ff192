#!/usr/bin/env python3
"""Open the app: `python3 run.py [streamlit options]`.

Needs Python 3.11 to 3.13 and nothing else: the first time, the app's dependencies are installed in
`.venv` beside this file; later starts only check that they are still the ones asked for.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST, NEWEST = (3, 11), (3, 13)  # as pyproject.toml says


def prepared_python(requirements: str) -> Path:
    """Return the Python of `.venv`, where everything in the file `requirements` is installed.

    Raises `SystemExit` with a sentence when this Python is too old or too new, or has no `venv`.
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"This is Python {sys.version.split()[0]}; TensorFlow needs one from "
            f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}. Run: python3.11 {' '.join(sys.argv)}"
        )
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        print(f"Creating {VENV.name} (once) ...", flush=True)
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except subprocess.CalledProcessError:
            sys.exit("This Python cannot create environments. On Debian and Ubuntu: apt install python3-venv")
    wanted = _fingerprint()
    installed = VENV / f"{requirements}.installed"
    if not installed.exists() or installed.read_text() != wanted:
        print(f"Installing {requirements} (a minute or two the first time) ...", flush=True)
        _install(python, requirements)
        installed.write_text(wanted)
    return python


def _install(python: Path, requirements: str) -> None:
    """With uv, in a fifth of pip's time; with pip alone where uv cannot, as behind a mirror that only pip knows."""
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    uv = [str(python), "-m", "uv", "pip", "install", "--quiet", "--compile-bytecode"]  # as pip does by itself
    pins = (ROOT / "requirements-dev.txt").read_text().split()
    pinned_uv = next(pin for pin in pins if pin.startswith("uv=="))
    try:
        subprocess.run([*pip, pinned_uv], cwd=ROOT, check=True)
        subprocess.run([*uv, "--requirement", requirements], cwd=ROOT, check=True)
    except subprocess.CalledProcessError:
        print("Once more, with pip ...", flush=True)
        subprocess.run([*pip, "--requirement", requirements], cwd=ROOT, check=True)


def _fingerprint() -> str:
    """What `.venv` was made from: the Python and both lists, since the longer one includes the shorter."""
    lists = b"".join((ROOT / name).read_bytes() for name in ("requirements.txt", "requirements-dev.txt"))
    return f"{sys.version_info[:2]} {hashlib.sha256(lists).hexdigest()}\n"


if __name__ == "__main__":
    try:
        python = prepared_python("requirements.txt")
        sys.exit(subprocess.run([python, "-m", "streamlit", "run", "server.py", *sys.argv[1:]], cwd=ROOT).returncode)
    except subprocess.CalledProcessError as error:
        sys.exit(f"This did not work: {' '.join(map(str, error.cmd))}")
    except KeyboardInterrupt:
        sys.exit(130)
