"""What a request costs the REST function, and what a cold start has to import: ours and FastAPI with Mangum, by turns.

`python -m bench.rest [--json]`. Requests are handled on stores in memory: what is left is parsing, validation, the use
case and the answer. The peer (`peers/fastapi_rest.py`) calls the same services, in an environment of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.rest_work import measured
from tests.fakes.rest import RestWorld

_PEERS = Path(__file__).parent / "peers"
_PEER_HOME = Path(".local/peers/fastapi")
_BARE = "pass"
_OURS = {
    "REST function": "import lambdas.rest.app",
    "REST function and its AWS clients": "import lambdas.rest.app; from core.adapters import clients; "
    "clients.dynamodb(); clients.sqs(); clients.secrets_manager()",
    "authorizer": "import lambdas.authorizer.app",
}
_THEIRS = {
    "FastAPI, Mangum and boto3": "import fastapi_rest; fastapi_rest.application(None)",
    "FastAPI, Mangum and boto3 clients": "import fastapi_rest; fastapi_rest.application(None); fastapi_rest.clients()",
}
_TURNS = 3
COLD_GOAL, WARM_GOAL = 0.75, 0.7


@dataclass(frozen=True, slots=True)
class RestFigures:
    """CPU time: microseconds a request, milliseconds an import. `floor_us`: a create with no framework around it."""

    create_us: float
    get_us: float
    floor_us: float
    peer_create_us: float
    peer_get_us: float
    peer_floor_us: float
    cold_ms: dict[str, float]

    def ratios(self) -> dict[str, tuple[float, float]]:
        """Ours to the peer's, and the goal."""
        cold = self.cold_ms
        return {
            "cold import": (cold["REST function"] / cold["FastAPI, Mangum and boto3"], COLD_GOAL),
            "cold import with clients": (
                cold["REST function and its AWS clients"] / cold["FastAPI, Mangum and boto3 clients"],
                COLD_GOAL,
            ),
            "create": (self.create_us / self.peer_create_us, WARM_GOAL),
            "create, framework alone": (
                (self.create_us - self.floor_us) / (self.peer_create_us - self.peer_floor_us),
                WARM_GOAL,
            ),
        }


def measure(cold_rounds: int = 7) -> RestFigures:
    install()
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "bench")
    turns = [(_ours(), _theirs()) for _ in range(_TURNS)]
    ours, theirs = (
        {name: statistics.median(turn[side][name] for turn in turns) for name in turns[0][0]} for side in (0, 1)
    )
    return RestFigures(
        **ours, **{f"peer_{name}": figure for name, figure in theirs.items()}, cold_ms=_cold_ms(cold_rounds)
    )


def install() -> None:
    """Once, and again when the list of its packages has changed; every one of them by its hash."""
    listed, installed = _PEERS / "fastapi.txt", _PEER_HOME / "installed.txt"
    if installed.exists() and installed.read_text() == listed.read_text():
        return
    subprocess.run(["uv", "venv", "--quiet", "--clear", "--python", "3.11", str(_PEER_HOME)], check=True)
    into = ["uv", "pip", "install", "--quiet", "--python", str(_PEER_HOME), "--require-hashes", "-r", str(listed)]
    subprocess.run(into, check=True)
    installed.write_text(listed.read_text())


def _ours() -> dict[str, float]:
    # Metrics go to standard output, as Lambda wants them; here they would bury the table.
    application = RestWorld().application
    with contextlib.redirect_stdout(io.StringIO()):
        return measured(lambda event: application.answer(event, None), application._services)


def _theirs() -> dict[str, float]:
    command = [str(_PEER_HOME / "bin" / "python"), str(_PEERS / "fastapi_rest.py")]
    told = subprocess.run(command, check=True, env=_environment(), stdout=subprocess.PIPE)
    figures: dict[str, float] = json.loads(told.stdout)
    return figures


def _cold_ms(rounds: int) -> dict[str, float]:
    """User and system CPU of a fresh interpreter with these imports, less one that imports nothing; by turns."""
    theirs = str(_PEER_HOME / "bin" / "python")
    asked = [(sys.executable, name, code) for name, code in (*_OURS.items(), (_BARE, _BARE))]
    asked += [(theirs, name, code) for name, code in (*_THEIRS.items(), (f"{_BARE} there", _BARE))]
    seen: dict[str, list[float]] = {name: [] for _, name, _ in asked}
    for _ in range(rounds):
        for python, name, code in asked:
            seen[name].append(_child_ms(python, code))
    medians = {name: statistics.median(times) for name, times in seen.items()}
    return {name: medians[name] - medians[_BARE] for name in _OURS} | {
        name: medians[name] - medians[f"{_BARE} there"] for name in _THEIRS
    }


def _child_ms(python: str, code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([python, "-c", code], check=True, env=_environment())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _environment() -> dict[str, str]:
    return {
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PATH": "/usr/bin:/bin",
        "POWERTOOLS_METRICS_NAMESPACE": "x",
        "PYTHONPATH": os.pathsep.join((str(Path.cwd()), str(_PEERS))),
    }


def lines(figures: RestFigures) -> list[str]:
    told = [
        f"  create a session {figures.create_us:.0f} CPU µs, get one {figures.get_us:.0f} CPU µs",
        f"  FastAPI with Mangum {figures.peer_create_us:.0f} and {figures.peer_get_us:.0f} CPU µs",
        f"  of a create, without any framework {figures.floor_us:.0f} and {figures.peer_floor_us:.0f} CPU µs",
        *(f"  cold import, {name:<34} {ms:.0f} CPU ms" for name, ms in figures.cold_ms.items()),
    ]
    for name, (ratio, goal) in figures.ratios().items():
        told.append(f"  {'met   ' if ratio <= goal else 'MISSED'}  {name}: {ratio:.2f} of the peer's (goal ≤ {goal:g})")
    return told


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m bench.rest", description=__doc__)
    given.add_argument("--json", action="store_true")
    options = given.parse_args()
    logging.disable(logging.CRITICAL)
    figures = measure()
    print(
        json.dumps({**asdict(figures), "ratios": figures.ratios()}, indent=2)
        if options.json
        else "\n".join(lines(figures))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
