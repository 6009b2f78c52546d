"""The console's own tests, in its own language, and what Vite made of it."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

CONSOLE = Path("console")
BUILT = Path(".local/built/console")
LARGEST_SCRIPTS_BYTES = 150 * 1024


def test_types_and_unit_tests() -> None:
    done = subprocess.run(
        ["npm", "test", "--silent", "--prefix", str(CONSOLE)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), done.stdout


def test_what_a_browser_loads_is_small() -> None:
    """JavaScript as it goes over the wire, the audio thread's included."""
    scripts = sorted(BUILT.glob("assets/*.js"))
    assert scripts
    assert sum(len(gzip.compress(script.read_bytes())) for script in scripts) <= LARGEST_SCRIPTS_BYTES


def test_nothing_is_inlined_and_nothing_comes_from_elsewhere() -> None:
    html = (BUILT / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", html)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert loaded
    assert all(address.startswith("./") for address in loaded)
