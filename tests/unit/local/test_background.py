from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from local.background import Background


def python(script: str) -> tuple[Sequence[str], Mapping[str, str]]:
    return [sys.executable, "-c", script], os.environ


def test_they_run_in_order_and_all_that_they_print_is_kept(tmp_path: Path) -> None:
    jobs = {
        "first": python("import sys; print('out', flush=True); sys.stderr.write('err'); sys.exit(3)"),
        "second": python(""),
    }
    with Background(jobs, tmp_path) as background:
        first, second = background.finished(wait=True)
    assert (first.name, first.returncode, first.log.read_text()) == ("first", 3, "out\nerr")
    assert (second.name, second.returncode, second.log.read_text()) == ("second", 0, "")
    assert list(background.finished(wait=True)) == []


def test_what_has_not_ended_is_not_waited_for_unless_it_is_asked_for(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    with Background({"waits": python(f"open({str(gate)!r}).read()")}, tmp_path) as background:
        assert list(background.finished(wait=False)) == []
        gate.write_text("go on")
        [done] = background.finished(wait=True)
    assert done.returncode == 0


def test_they_give_way_to_what_they_run_beside(tmp_path: Path) -> None:
    with Background({"polite": python("import os; print(os.nice(0))")}, tmp_path) as background:
        [done] = background.finished(wait=True)
    assert int(done.log.read_text()) == min(19, os.nice(0) + 10)


@pytest.mark.parametrize("ignoring", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN);"])
def test_whoever_stops_early_leaves_nothing_running(
    tmp_path: Path, ignoring: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.background._TIDIED_WITHIN_S", 0.3)
    up = tmp_path / "up"
    os.mkfifo(up)
    script = f"import os, signal; {ignoring} open({str(up)!r}, 'w').write(str(os.getpid())); signal.pause()"
    with pytest.raises(KeyboardInterrupt), Background({"endless": python(script), "never": python("")}, tmp_path):
        pid = int(up.read_text())
        raise KeyboardInterrupt
    assert not Path(f"/proc/{pid}").exists()
    assert not (tmp_path / "never.log").exists() or (tmp_path / "never.log").read_text() == ""
