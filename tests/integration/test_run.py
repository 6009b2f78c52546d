"""`make run` as a process of its own: it comes up, tells where, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from local.run import told_in

NAME = "run-test"
PATIENCE_S = 120.0


def until(done: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)  # another process's file or end: there is nothing to wait on
    return True


def descendants(pid: int) -> set[int]:
    """All processes that come from this one and are alive."""
    parents = dict(_parents())
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if fields[0] != "Z":
            yield int(status.parent.name), int(fields[1])


def test_a_stack_comes_up_tells_where_and_leaves_nothing_behind(tmp_path: Path) -> None:
    told = told_in(NAME)
    told.unlink(missing_ok=True)
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "local.run", "--name", NAME], stdout=log, stderr=log)
    try:
        assert until(told.exists, PATIENCE_S), (tmp_path / "log").read_text()
        addresses = json.loads(told.read_text())
        assert set(addresses) == {"api_url", "stream_url", "events_url", "console_url", "sip_uri", "api_key"}
        assert httpx.get(addresses["console_url"]).status_code == 200
        headers = {"Authorization": f"Bearer {addresses['api_key']}"}
        assert httpx.get(f"{addresses['api_url']}/languages", headers=headers, timeout=20).status_code == 200
        family = descendants(process.pid)
        assert len(family) > 3
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
    assert not told.exists()
    alive = dict(_parents())
    assert [pid for pid in family if pid in alive] == []
