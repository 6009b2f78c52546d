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

from bench.goals import Goal
from bench.peer_home import install
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

    def goals(self) -> list[Goal]:
        """Ours to the peer's."""
        cold, framework_us = self.cold_ms, self.create_us - self.floor_us
        whole = cold["REST function and its AWS clients"] / cold["FastAPI, Mangum and boto3 clients"]
        return [
            Goal("cold import", cold["REST function"] / cold["FastAPI, Mangum and boto3"], at_most=COLD_GOAL),
            Goal("cold import with clients", whole, at_most=COLD_GOAL),
            Goal("create", self.create_us / self.peer_create_us, at_most=WARM_GOAL),
            Goal(
                "create, framework alone",
                framework_us / (self.peer_create_us - self.peer_floor_us),
                at_most=WARM_GOAL,
            ),
        ]


def measure(cold_rounds: int = 7) -> RestFigures:
    install(_PEER_HOME, _PEERS / "fastapi.txt")
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "bench")
    turns = [(_ours(), _theirs()) for _ in range(_TURNS)]
    ours, theirs = (
        {name: statistics.median(turn[side][name] for turn in turns) for name in turns[0][0]} for side in (0, 1)
    )
    return RestFigures(
        **ours, **{f"peer_{name}": figure for name, figure in theirs.items()}, cold_ms=_cold_ms(cold_rounds)
    )


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
    return [
        f"  create a session {figures.create_us:.0f} CPU µs, get one {figures.get_us:.0f} CPU µs",
        f"  FastAPI with Mangum {figures.peer_create_us:.0f} and {figures.peer_get_us:.0f} CPU µs",
        f"  of a create, without any framework {figures.floor_us:.0f} and {figures.peer_floor_us:.0f} CPU µs",
        *(f"  cold import, {name:<34} {ms:.0f} CPU ms" for name, ms in figures.cold_ms.items()),
        *(goal.line for goal in figures.goals()),
    ]


def main() -> int:
    given = argparse.ArgumentParser(prog="python -m bench.rest", description=__doc__)
    given.add_argument("--json", action="store_true")
    options = given.parse_args()
    logging.disable(logging.CRITICAL)
    figures = measure()
    print(
        json.dumps(
            {**asdict(figures), "goals": [asdict(goal) | {"met": goal.is_met} for goal in figures.goals()]}, indent=2
        )
        if options.json
        else "\n".join(lines(figures))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
