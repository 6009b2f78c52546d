"""What a request costs the REST function, and what a cold start has to import.

Handler CPU is measured on stores in memory: what is left is parsing, validation, the use case and the answer.
"""

from __future__ import annotations

import contextlib
import io
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.rest import RestWorld

_BODY = {
    "mode": "bidirectional_translation",
    "source_language": "de",
    "target_language": "en",
    "provider": {"type": "twilio", "phone_number": "+14155551234"},
    "recording": {"enabled": True, "channels": "dual"},
    "metadata": {"order": "4729", "queue": "support"},
}
_ROUNDS, _REQUESTS = 7, 200
_BARE = "pass"
_COLD = {
    "REST function": "import lambdas.rest.app",
    "REST function and its AWS clients": "import lambdas.rest.app; from core.adapters import clients; "
    "clients.dynamodb(); clients.sqs(); clients.secrets_manager()",
    "authorizer": "import lambdas.authorizer.app",
}


@dataclass(frozen=True, slots=True)
class RestFigures:
    create_us: float
    get_us: float
    cold_ms: dict[str, float]


def measure(cold_rounds: int = 7) -> RestFigures:
    # Metrics go to standard output, as Lambda wants them; here they would bury the table.
    with contextlib.redirect_stdout(io.StringIO()):
        create_us, get_us = _create_us(), _get_us()
    return RestFigures(create_us, get_us, _cold_ms(cold_rounds))


def _create_us() -> float:
    world = RestWorld()

    def create() -> None:
        assert world.post("/v1/sessions", _BODY).status == 201

    return _cpu_us(create)


def _get_us() -> float:
    world = RestWorld()
    path = f"/v1/sessions/{world.post('/v1/sessions', _BODY).body['id']}"

    def get() -> None:
        assert world.get(path).status == 200

    return _cpu_us(get)


def _cpu_us(request: Callable[[], None]) -> float:
    """Median over rounds of the mean CPU time of a request, the test harness around it included."""
    rounds = []
    for _ in range(_ROUNDS):
        began = time.process_time_ns()
        for _ in range(_REQUESTS):
            request()
        rounds.append((time.process_time_ns() - began) / _REQUESTS / 1000)
    return statistics.median(rounds)


def _cold_ms(rounds: int) -> dict[str, float]:
    """User and system CPU of a fresh interpreter with these imports, less one that imports nothing."""
    seen: dict[str, list[float]] = {name: [] for name in (*_COLD, _BARE)}
    for _ in range(rounds):
        for name, code in (*_COLD.items(), (_BARE, _BARE)):
            seen[name].append(_child_ms(code))
    bare = statistics.median(seen.pop(_BARE))
    return {name: statistics.median(times) - bare for name, times in seen.items()}


def _child_ms(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"AWS_DEFAULT_REGION": "eu-central-1", "PATH": "/usr/bin:/bin", "POWERTOOLS_METRICS_NAMESPACE": "x"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
