"""Telephone legs as items: the leg below its session, and the way back from the carrier's name of its call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.adapters.dynamodb import items, table
from core.domain.legs import Leg
from core.domain.sessions import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

# A carrier's last word of a call comes at its end, and no call lasts longer than a day.
CALL_KEPT = timedelta(days=3)


def leg_put(session: Session, leg: Leg, table_name: str) -> PutTypeDef:
    """Guarded by the session's version, which the same transaction checks."""
    item: items.Item = {
        "pk": items.text(table.session_pk(session.tenant, session.id)),
        "sk": items.text(table.leg_sk(leg.id)),
        "data": items.data(leg),
    }
    return {"TableName": table_name, "Item": item}


def call_put(session: Session, leg: Leg, call_id: str, table_name: str, now: datetime) -> PutTypeDef:
    """A call belongs to one leg, whatever its session."""
    item: items.Item = {
        "pk": items.text(table.call_pk(leg.carrier, call_id)),
        "id": items.text(leg.id),
        "tenant": items.text(str(session.tenant)),
        "session_id": items.text(session.id),
        "expires_at": items.number(table.epoch_s(now + CALL_KEPT)),
    }
    return items.once(table_name, item)
