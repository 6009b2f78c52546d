"""Every minute: end what is idle, abandoned or stuck, and hand over the webhooks that are due.

Stops in time to finish what it is at. A fault that no time will mend is raised at the end, so that the function's
alarm tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from core.services.due_deliveries import DueDeliveries
from core.services.sweep import Sweep
from lambdas.runtime import webhook_wiring, wiring
from lambdas.runtime.telemetry import logger, metrics

_RESERVE_S = 10.0
# Of a run's time, when there is more to do than it has: neither may starve the other.
_SESSIONS_SHARE = 0.6


def handler(_event: Mapping[str, Any], context: Any) -> None:
    sessions, deliveries = wiring.sweep(), webhook_wiring.due_deliveries()
    now = sessions.clock.now()
    left_s = context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    try:
        _sessions(sessions, now + timedelta(seconds=left_s * _SESSIONS_SHARE))
    finally:
        _deliveries(deliveries, now + timedelta(seconds=left_s))
        metrics().flush_metrics()


def _sessions(sessions: Sweep, until: datetime) -> None:
    swept = sessions.run(until)
    logger().info("swept", extra={"expired": swept.expired, "failed": swept.failed, "finished": swept.finished})
    metrics().add_metric(name="SessionsExpired", unit=MetricUnit.Count, value=swept.expired)
    metrics().add_metric(name="SessionsNotExpired", unit=MetricUnit.Count, value=len(swept.failed))
    if swept.fault:
        raise swept.fault


def _deliveries(deliveries: DueDeliveries, until: datetime) -> None:
    requeued = deliveries.run(until)
    logger().info("requeued", extra={"deliveries": requeued.deliveries, "finished": requeued.finished})
    metrics().add_metric(name="WebhooksRequeued", unit=MetricUnit.Count, value=requeued.deliveries)
