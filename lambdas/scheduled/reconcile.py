"""Every hour: tell the events that never reached the bus, and make the calls again that came to nothing.

By hand with another age, after an outage: `{"older_than_s": 0}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel, ConfigDict, Field

from core.services.events import WAITED
from lambdas.runtime import wiring
from lambdas.runtime.telemetry import logger, metrics

_RESERVE_S = 30.0


class Asked(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    older_than_s: float = Field(WAITED.total_seconds(), ge=0)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    asked = Asked.model_validate(event)
    return reconcile(wiring.reconciling(), asked, context.get_remaining_time_in_millis() / 1000 - _RESERVE_S)


def reconcile(services: wiring.Reconciling, asked: Asked, left_s: float) -> dict[str, Any]:
    """The calls first: they are few, and a bus that takes nothing must not keep them waiting."""
    now = services.clock.now()
    calls = services.calls.run(now + timedelta(seconds=left_s / 2))
    events = services.events.run(now + timedelta(seconds=left_s), timedelta(seconds=asked.older_than_s))
    told = {"calls": asdict(calls), "events": asdict(events)}
    logger().info("reconciled", extra=told)
    for name, value in {
        "EventsUnpublished": events.found,
        "EventsUnreadable": len(events.unreadable) + len(events.refused),
        "CallsMadeAgain": calls.again,
        "CallsGivenUp": calls.kept,
    }.items():
        metrics().add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics().flush_metrics()
    return told
