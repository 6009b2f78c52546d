"""Logs and metrics need a service name and a namespace, as every function of the stacks has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.runtime import telemetry


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    # One name a test: Powertools keeps a handler per service, and with it the standard output of its first test.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.nodeid)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Kallglot/kallglot-test")
    telemetry.logger.cache_clear()
    telemetry.metrics.cache_clear()
    yield
    telemetry.logger.cache_clear()
    telemetry.metrics.cache_clear()
