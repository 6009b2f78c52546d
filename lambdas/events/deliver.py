"""Queue → customers: one attempt for each message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel, ConfigDict

from core.domain.access import Tenant
from core.domain.deliveries import Handoff
from core.services.delivering import Delivering, Done
from lambdas.events.batch import Record, answer, each
from lambdas.runtime import delivery_wiring
from lambdas.runtime.telemetry import logger, metrics


class _Message(BaseModel):
    """As `core.adapters.delivery_queue` writes it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant: str
    delivery_id: str
    target_id: str
    attempt: int
    last: bool = False
    waited: int = 0


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    delivering = delivery_wiring.delivering()
    done = each(event["Records"], lambda record: attempt(delivering, record))
    _report(done)
    return answer(event["Records"], done)


def attempt(delivering: Delivering, record: Record) -> Done:
    handed = handoff_of(record["body"])
    done = delivering.attempt(handed)
    logger().info(done, extra={"delivery_id": handed.delivery_id, "attempt": handed.attempt})
    return done


def handoff_of(body: str) -> Handoff:
    message = _Message.model_validate_json(body)
    tenant = Tenant.parse(message.tenant)
    return Handoff(tenant, message.delivery_id, message.target_id, message.attempt, message.last, message.waited)


def _report(done: Sequence[Done | None]) -> None:
    for outcome, count in Counter(done).items():
        name = "".join(word.title() for word in outcome.split("_")) if outcome else "NotAttempted"
        metrics().add_metric(name=f"Webhook{name}", unit=MetricUnit.Count, value=count)
    metrics().flush_metrics()
