"""An environment of its own for what we are measured against."""

from __future__ import annotations

import subprocess
from pathlib import Path


def install(home: Path, listed: Path) -> None:
    """Once, and again when the list of its packages has changed; every one of them by its hash."""
    installed = home / "installed.txt"
    if installed.exists() and installed.read_text() == listed.read_text():
        return
    subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", "3.11", str(home)], check=True)
    into = ["uv", "pip", "install", "--quiet", "--python", str(home), "--require-hashes", "-r", str(listed)]
    subprocess.run(into, check=True)
    installed.write_text(listed.read_text())
