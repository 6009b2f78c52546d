"""The tables as the data stack makes them; an integration test runs the same adapters on the stack's own."""

from __future__ import annotations

from typing import Any

from core.adapters import clients

SESSIONS, ACCESS, DELIVERIES, OUTBOX, BUCKET = "sessions", "access", "deliveries", "outbox", "recordings"
HANDOFFS = "handoffs"
KNOWLEDGE = "knowledge"


def create_tables() -> None:
    dynamo = clients.dynamodb()
    by_time = {"by_tenant": ("tenant", "created_key"), "by_status": ("tenant_status", "created_key")}
    dynamo.create_table(**_table(SESSIONS, "pk", "sk", **by_time, due=("due_shard", "due_at")))
    dynamo.create_table(**_table(ACCESS, "pk"))
    dynamo.create_table(**_table(DELIVERIES, "pk", "sk", by_target=("sk", "pk"), due=("due_shard", "due_at")))
    outbox = {"by_tenant": ("tenant", "event_id"), "unpublished": ("unpublished_shard", "unpublished_at")}
    dynamo.create_table(**_table(OUTBOX, "pk", **outbox))
    for bucket in (BUCKET, KNOWLEDGE):
        clients.s3().create_bucket(Bucket=bucket)
    clients.sqs().create_queue(QueueName=HANDOFFS)


def _table(name: str, *key: str, **indexes: tuple[str, str]) -> dict[str, Any]:
    attributes = {*key, *(attribute for index in indexes.values() for attribute in index)}
    made: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)],
        "KeySchema": _schema(key),
    }
    if indexes:
        made["GlobalSecondaryIndexes"] = [
            {"IndexName": index, "KeySchema": _schema(of), "Projection": {"ProjectionType": "KEYS_ONLY"}}
            for index, of in indexes.items()
        ]
    return made


def _schema(key: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(key, ("HASH", "RANGE"), strict=False)]
