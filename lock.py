#!/usr/bin/env python3
"""Renew the pinned versions: `python3 lock.py`, after a change in `pyproject.toml`; `--upgrade` takes newer ones.

Writes `requirements.txt` (the app) and `requirements-dev.txt` (its tests too): all that is installed, with hashes,
the same versions for Python 3.11 to 3.13 on every platform.
"""

from __future__ import annotations

import subprocess
import sys

from run import OLDEST, ROOT, prepared_python

LISTS: dict[str, list[str]] = {
    "requirements.txt": [],
    "requirements-dev.txt": ["--group", "dev", "--constraint", "requirements.txt"],
}


def renew(options: list[str]) -> None:
    """Write both lists, the longer one with the shorter one's versions; `options` are those of `uv pip compile`."""
    python = prepared_python("requirements-dev.txt")
    for name, more in LISTS.items():
        command = [str(python), "-m", "uv", "pip", "compile", "pyproject.toml", "--output-file", name, *more, *options]
        command += ["--universal", "--python-version", ".".join(map(str, OLDEST)), "--fork-strategy", "fewest"]
        command += ["--generate-hashes", "--quiet", "--custom-compile-command", "python3 lock.py"]
        subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    try:
        renew(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"This did not work: {' '.join(map(str, error.cmd))}")
