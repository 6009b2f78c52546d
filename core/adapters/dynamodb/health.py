"""How webhook targets fare: one small item each in the deliveries table, counted by single conditional updates.

A place is taken by an atomic addition. Whoever took one and died leaves it taken; `busy_until` says when the last of
them must have ended, and the next one after that begins to count anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.domain.access import Tenant
from core.domain.breakers import Health
from core.webhook_ports import Entry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(days=30)
_ROOM = "(attribute_not_exists(in_flight) OR in_flight < :most)"
_CLOSED = "(attribute_not_exists(open_until) OR (open_until <= :now AND in_flight < :one))"


@dataclass(frozen=True, slots=True)
class DynamoHealth:
    """`longest` is how long a request may last at most, with all that is around it."""

    client: DynamoDBClient
    table: str
    longest: timedelta

    def enter(self, tenant: Tenant, target_id: str, now: datetime, most: int, *, forced: bool) -> Entry:
        values = {":most": items.number(most), ":one": items.number(1), **self._times(now)}
        if not forced:
            values[":now"] = items.text(table.sortable(now))
        written, held = self._update(
            tenant,
            target_id,
            "SET busy_until = :busy, expires_at = :expires ADD in_flight :one",
            _ROOM if forced else f"{_ROOM} AND {_CLOSED}",
            values,
        )
        if written:
            return Entry.ENTERED
        if not forced and table.sortable(now) < (items.text_of(held, "open_until") or ""):
            return Entry.OPEN
        return self._enter_anew(tenant, target_id, now, held)

    def leave(self, tenant: Tenant, target_id: str, now: datetime, succeeded: bool | None) -> Health:
        clause, added, values = _verdict(succeeded, now)
        less = {":less": items.number(-1), ":none": items.number(0)}
        update = _expression(clause, [*added, "in_flight :less"])
        written, held = self._update(tenant, target_id, update, "in_flight > :none", {**values, **less})
        if not written and succeeded is not None:
            # Somebody has begun to count places anew since; the verdict still counts.
            _, held = self._update(tenant, target_id, _expression(clause, added), "attribute_exists(pk)", values)
        return _health(held)

    def open(self, tenant: Tenant, target_id: str, failures: int, until: datetime) -> None:
        values = {":until": items.text(table.sortable(until)), ":failures": items.number(failures)}
        self._update(tenant, target_id, "SET open_until = :until", "failures >= :failures", values)

    def forget(self, tenant: Tenant, target_id: str) -> None:
        with translated("DeleteItem"):
            self.client.delete_item(TableName=self.table, Key=_key(tenant, target_id))

    def _enter_anew(self, tenant: Tenant, target_id: str, now: datetime, held: Mapping[str, Any]) -> Entry:
        """Full, unless all who are counted must have ended."""
        if table.sortable(now) < (items.text_of(held, "busy_until") or ""):
            return Entry.FULL
        written, _ = self._update(
            tenant,
            target_id,
            "SET in_flight = :one, busy_until = :busy, expires_at = :expires",
            "busy_until = :seen",
            {":one": items.number(1), ":seen": held["busy_until"], **self._times(now)},
        )
        return Entry.ENTERED if written else Entry.FULL

    def _times(self, now: datetime) -> items.Item:
        return {
            ":busy": items.text(table.sortable(now + self.longest)),
            ":expires": items.number(table.epoch_s(now + _KEPT)),
        }

    def _update(
        self, tenant: Tenant, target_id: str, update: str, condition: str, values: items.Item
    ) -> tuple[bool, Mapping[str, Any]]:
        """Whether it was written, and what is there now."""
        return write_if(
            "UpdateItem",
            self.client.update_item,
            TableName=self.table,
            Key=_key(tenant, target_id),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )


def _verdict(succeeded: bool | None, now: datetime) -> tuple[str, list[str], items.Item]:
    """A clause of an update, what it adds up, and the values of both."""
    if succeeded is None:
        return "", [], {}
    if succeeded:
        return "REMOVE failures, failing_since, open_until", [], {}
    values = {":now": items.text(table.sortable(now)), ":one": items.number(1)}
    return "SET failing_since = if_not_exists(failing_since, :now)", ["failures :one"], values


def _expression(clause: str, added: list[str]) -> str:
    return f"{clause} ADD {', '.join(added)}" if added else clause


def _key(tenant: Tenant, target_id: str) -> items.Item:
    return {"pk": items.text(table.target_pk(tenant, target_id)), "sk": items.text(table.HEALTH_SK)}


def _health(item: Mapping[str, Any]) -> Health:
    return Health(items.number_of(item, "failures"), _time(item, "failing_since"), _time(item, "open_until"))


def _time(item: Mapping[str, Any], name: str) -> datetime | None:
    text = items.text_of(item, name)
    return datetime.fromisoformat(text) if text else None
