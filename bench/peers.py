"""Our worker, Pipecat and a C echo under the same calls, by turns: `make bench-peers`, with ARGS=--json as JSON.

Twilio's messages, 20 ms in and out, voice activity on. Ours also records both voices and transcribes (stub engines);
its calls are two telephones each. Pipecat is `peers/pipecat_server.py`, in an environment of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from bench.__main__ import machine
from bench.goals import Goal
from bench.load import LOAD_CORE, Figure, Load, Server, load, our_worker
from bench.peer_home import install

_HERE = Path(__file__).parent / "peers"
_HOME = Path(".local/peers/pipecat")
_FEW, _LIGHT, _BUSY, _SATURATING = 10, 30, 100, 256
_ROUNDS = 3
_WINDOW_S = 3.0
_SPIN = "while True: sum(range(1000))"


def main() -> int:
    given = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    given.add_argument("--json", action="store_true")
    given.add_argument("--preferred", action="store_true", help="before all other processes of a busy machine (root)")
    options = given.parse_args()
    install(_HOME, _HERE / "requirements.txt")
    with load(preferred=options.preferred) as bench:
        figures = measure(bench)
    goals = judged(figures)
    if options.json:
        shown = [asdict(goal) | {"met": goal.is_met} for goal in goals]
        print(json.dumps({"figures": figures, "goals": shown, "machine": machine()}, indent=2))
    else:
        print(table(figures, goals))
    return 0


def measure(bench: Load) -> dict[str, Any]:
    ours = our_worker("pairs")
    pipecat = Server("Pipecat", "echo", (str(_HOME / "bin/python"), str(_HERE / "pipecat_server.py")))
    floor = Server("C echo", "echo", (str(bench.compiled("floor.c")),))
    transport = Server("our transport", "closed", (sys.executable, "-m", "bench.transport"))
    closed_floor = Server("C echo", "closed", floor.command)
    light = _by_turns(bench, (floor, ours, pipecat), _LIGHT)
    saturated = _by_turns(bench, (closed_floor, transport), _SATURATING)
    few = {server.name: bench.measure(server, _FEW, _WINDOW_S) for server in (ours, pipecat)}
    most = {
        server.name: bench.most(server, start, factor)[0]
        for server, start, factor in ((ours, 200, 1.12), (pipecat, _FEW, 1.12))
    }
    return {
        "light": {name: asdict(figure) for name, figure in light.items()},
        "saturated": {name: asdict(figure) for name, figure in saturated.items()},
        "most": {name: asdict(figure) if figure else None for name, figure in most.items()},
        "engines_busy": asdict(_beside_engines(bench, ours)),
        "few": asdict(few[ours.name]),
        "mb_per_stream": {name: _mb_per_stream(figure, light[name], most[name]) for name, figure in few.items()},
    }


def _mb_per_stream(few: Figure, light: Figure, most: Figure | None) -> float:
    many = most if most and most.calls > light.calls else light
    return (many.rss_mb - few.rss_mb) / (many.calls - few.calls)


def _by_turns(bench: Load, servers: Sequence[Server], calls: int) -> dict[str, Figure]:
    """The median window of each, measured one after the other so that a busy moment hits all of them."""
    seen: dict[str, list[Figure]] = {server.name: [] for server in servers}
    for _ in range(_ROUNDS):
        for server in servers:
            seen[server.name].append(bench.measure(server, calls, _WINDOW_S))
    return {name: _middle(figures) for name, figures in seen.items()}


def _middle(figures: Sequence[Figure]) -> Figure:
    middle = median(figure.us_per_frame for figure in figures)
    return next(figure for figure in figures if figure.us_per_frame == middle)


def _beside_engines(bench: Load, ours: Server) -> Figure:
    """Pure Python on the other core, in another process: where engines live."""
    with ExitStack() as engines:
        engines.enter_context(bench.running(["nice", "-n", "10", sys.executable, "-c", _SPIN], LOAD_CORE))
        return bench.measure(ours, _BUSY, _WINDOW_S)


def judged(figures: dict[str, Any]) -> list[Goal]:
    light, saturated, most = figures["light"], figures["saturated"], figures["most"]

    def cost(name: str, of: dict[str, Any]) -> float:
        return float(of[name]["us_per_frame"])

    def streams(name: str) -> float:
        return float(most[name]["calls"]) if most[name] else 0.0

    return [
        Goal("streams per core over Pipecat's", streams("media worker") / (streams("Pipecat") or _FEW), at_least=10.0),
        Goal(f"CPU per frame at {_LIGHT} streams over Pipecat's",
             cost("media worker", light) / cost("Pipecat", light), at_most=0.25),
        Goal("transport and codec, saturated, over the C echo's",
             cost("our transport", saturated) / cost("C echo", saturated), at_most=3.0),
        Goal("p99 with engines busy beside, ms", float(figures["engines_busy"]["p99_ms"]), at_most=10.0),
        Goal(f"CPU per stream at {_FEW} streams over that at the most", _cost_of_few(figures), at_most=1.1),
        Goal("memory per stream, MB", float(figures["mb_per_stream"]["media worker"]), at_most=0.5),
    ]  # fmt: skip


def _cost_of_few(figures: dict[str, Any]) -> float:
    """Flat would be 1; above it, few streams pay for wake-ups that many share."""
    most = figures["most"]["media worker"]
    return float(figures["few"]["us_per_frame"] / most["us_per_frame"]) if most else float("inf")


def table(figures: dict[str, Any], goals: Sequence[Goal]) -> str:
    rows = [
        *(_row(name, f"{_LIGHT} streams", figure) for name, figure in figures["light"].items()),
        *(_row(name, "saturated", figure) for name, figure in figures["saturated"].items()),
        *(_row(name, "most within 20 ms", figure) for name, figure in figures["most"].items() if figure),
        _row("media worker", "engines busy", figures["engines_busy"]),
    ]
    return "\n".join(
        [
            "Twilio's messages, 20 ms in and out, one core",
            f"  {'':15}{'':19}{'streams':>8}{'CPU µs/frame':>14}{'cores':>7}   added delay p50 / p99 ms",
            *rows,
            *(f"  {name}: {mb:.2f} MB per stream" for name, mb in figures["mb_per_stream"].items()),
            "",
            *(goal.line for goal in goals),
            "",
            ", ".join(f"{name} {what}" for name, what in machine().items()),
        ]
    )


def _row(name: str, when: str, figure: dict[str, Any]) -> str:
    delay = f"{figure['p50_ms']:.1f} / {figure['p99_ms']:.1f}"
    return (
        f"  {name:15}{when:19}{figure['calls']:8d}{figure['us_per_frame']:14.1f}{figure['cores']:7.2f}   {delay}"
        f"{'   (others wanted the cores)' if figure['contended'] else ''}"
    )


if __name__ == "__main__":
    sys.exit(main())
