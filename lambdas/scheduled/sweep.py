"""Every minute: end what is idle, abandoned or stuck. Stops in time to finish the session it is at.

A fault that no time will mend is raised at the end, so that the function's alarm tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from lambdas.runtime import wiring
from lambdas.runtime.telemetry import logger, metrics

_RESERVE_S = 10.0


def handler(_event: Mapping[str, Any], context: Any) -> None:
    sweep = wiring.sweep()
    left_s = context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    swept = sweep.run(sweep.clock.now() + timedelta(seconds=left_s))
    logger().info("swept", extra={"expired": swept.expired, "failed": swept.failed, "finished": swept.finished})
    metrics().add_metric(name="SessionsExpired", unit=MetricUnit.Count, value=swept.expired)
    metrics().add_metric(name="SessionsNotExpired", unit=MetricUnit.Count, value=len(swept.failed))
    metrics().flush_metrics()
    if swept.fault:
        raise swept.fault
