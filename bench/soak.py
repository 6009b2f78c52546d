"""Half an hour of calls on one worker: does its memory grow? `python -m bench.soak [--minutes 30] [--calls 30]`

Every call sends and hears 20 ms frames all the time, with voice activity, turns, transcripts and recording; engines and
stores cost and keep nothing, so that what grows is the worker. The first five minutes fill buffers and are not counted;
the slope is a straight line through the rest. Exits 1 when it is steeper than 1 MB in ten minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from bench.load import LOAD_CORE, SERVER_CORE, Load, load, our_worker

SETTLE_S = 300.0
EVERY_S = 10.0
LIMIT_MB_PER_10_MIN = 1.0
_PAGE_MB = 4096 / 1e6


def slope_mb_per_10_min(samples: list[tuple[float, float]]) -> float:
    """Of (seconds, MB) pairs, by least squares."""
    at_s, mb = np.array(samples).T
    return float(np.polyfit(at_s, mb, 1)[0] * 600)


def soak(bench: Load, folder: Path, calls: int, seconds: float) -> list[tuple[float, float]]:
    """(seconds since the start, resident MB) every ten seconds; raises when the worker stops answering."""
    server, listed = our_worker("json"), folder / "calls.txt"
    with bench.running(server.words(calls, listed), SERVER_CORE) as worker:
        assert worker.stdout is not None
        port = json.loads(worker.stdout.readline())["port"]
        with bench.running(bench.loading(server.kind, port, seconds, worker.pid, listed), LOAD_CORE) as loading:
            samples = []
            started = time.monotonic()
            while loading.poll() is None:
                time.sleep(EVERY_S)
                samples.append((time.monotonic() - started, _rss_mb(worker.pid)))
                print(f"\r  {samples[-1][0]:5.0f} s  {samples[-1][1]:6.1f} MB", end="", file=sys.stderr, flush=True)
            seen = json.loads(loading.communicate()[0])
    print(file=sys.stderr)
    if seen["dead"] or seen["frames_out"] < 0.99 * seen["frames_in"]:
        raise SystemExit(f"the worker did not keep up: {seen}")
    return samples


def main() -> int:
    given = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    given.add_argument("--minutes", type=float, default=30.0)
    given.add_argument("--calls", type=int, default=30)
    given.add_argument("--json", action="store_true")
    options = given.parse_args()
    with load() as bench:
        samples = soak(bench, bench.folder, options.calls, options.minutes * 60)
    counted = [sample for sample in samples if sample[0] >= SETTLE_S] or samples
    slope = slope_mb_per_10_min(counted)
    figures = {
        "calls": options.calls,
        "minutes": options.minutes,
        "first_mb": round(counted[0][1], 1),
        "last_mb": round(counted[-1][1], 1),
        "mb_per_10_min": round(slope, 2),
    }
    print(json.dumps(figures) if options.json else ", ".join(f"{name} {value}" for name, value in figures.items()))
    return 0 if slope < LIMIT_MB_PER_10_MIN else 1


def _rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB


if __name__ == "__main__":
    sys.exit(main())
