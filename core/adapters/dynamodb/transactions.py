"""A `Commit` as the actions of one TransactWriteItems, and what a cancelled one means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from core.adapters.dynamodb import cancelled, items, table
from core.adapters.dynamodb.leg_items import call_put, leg_put
from core.adapters.dynamodb.parts import event_put, idempotency_put
from core.adapters.dynamodb.seats import seat_delete, seat_put
from core.adapters.dynamodb.tool_calls import tool_call_put
from core.adapters.dynamodb.usage import usage_update
from core.domain.legs import Leg
from core.domain.paging import Place
from core.domain.recordings import Chunk, Recorded
from core.domain.seats import Seat
from core.domain.sessions import Session
from core.domain.telephony import Carrier
from core.domain.transcripts import Turn
from core.errors import FenceLost, IdempotencyKeyTaken, SeatTaken, WriteConflict
from core.ports import Commit, Fence

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutTypeDef, TransactWriteItemTypeDef

MAX_ACTIONS = 100


class Part(Enum):
    """What an action of the transaction is about; a cancellation names actions by their position only."""

    SESSION = auto()
    DIRECTORY = auto()
    IDEMPOTENCY = auto()
    TURN = auto()
    CHUNK = auto()
    RECORDING = auto()
    USAGE = auto()
    LEG = auto()
    CALL = auto()
    EVENT = auto()
    SEAT = auto()
    TOOL_CALL = auto()


@dataclass(frozen=True, slots=True)
class Action:
    part: Part
    request: TransactWriteItemTypeDef


@dataclass(frozen=True, slots=True)
class Tables:
    sessions: str
    access: str
    outbox: str


def actions(commit: Commit, tables: Tables, now: datetime) -> list[Action]:
    made = list(_actions(commit, tables, now))
    if len(made) > MAX_ACTIONS:
        raise ValueError(f"a commit of {len(made)} actions does not fit into one transaction")
    return made


def stored(commit: Commit) -> Session:
    """The session with the version this commit gives it."""
    return replace(commit.session, version=(commit.expected_version or 0) + 1)


def failure(commit: Commit, made: Sequence[Action], reasons: Sequence[Mapping[str, Any]]) -> Exception:
    """What to raise for a cancelled transaction. A lost fence outweighs all: its holder must stop."""
    failed = {
        action.part: reason
        for action, reason in zip(made, reasons, strict=True)
        if reason.get("Code") == cancelled.CONDITION
    }
    if Part.SESSION in failed and commit.fence and not _holds(commit.fence, failed[Part.SESSION].get("Item")):
        return FenceLost(commit.session.id)
    if Part.IDEMPOTENCY in failed:
        return IdempotencyKeyTaken(commit.session.id)
    if _of_seat_alone(commit, made, reasons):
        return SeatTaken(commit.session.id)
    if failed or cancelled.CONFLICT in cancelled.codes(reasons):
        return WriteConflict(commit.session.id)
    return cancelled.refused(reasons)


def _of_seat_alone(commit: Commit, made: Sequence[Action], reasons: Sequence[Mapping[str, Any]]) -> bool:
    """Nothing but the seat was in the way.

    Who wants it need not wait until somebody else is done with it; who leaves it must, or it would stay taken.
    """
    blamed = {
        action.part: reason["Code"]
        for action, reason in zip(made, reasons, strict=True)
        if reason.get("Code") in (cancelled.CONDITION, cancelled.CONFLICT)
    }
    return blamed.keys() == {Part.SEAT} and (not commit.leaves_seat or blamed[Part.SEAT] == cancelled.CONDITION)


def _holds(fence: Fence, item: Mapping[str, Any] | None) -> bool:
    if item is None:
        return False
    return items.text_of(item, "owner") == fence.worker_id and items.number_of(item, "epoch") == fence.epoch


def _actions(commit: Commit, tables: Tables, now: datetime) -> Iterator[Action]:
    yield _session(commit, tables.sessions)
    if commit.expected_version is None:
        yield _directory(commit.session, tables.access)
    if commit.idempotency:
        yield _put(Part.IDEMPOTENCY, idempotency_put(commit.idempotency, tables.access, now))
    yield from _below(commit, tables, now)
    if commit.used:
        for sk in (commit.used.day.isoformat(), table.USAGE_SUM_SK):
            yield Action(Part.USAGE, {"Update": usage_update(commit.session, commit.used, sk, tables.sessions)})
    if commit.recorded:
        yield _recording(commit.recorded, tables.sessions)
    if commit.session.seat is not None:
        yield from _seat(commit, Seat(commit.session.seat, commit.session.tenant, commit.session.id), tables.sessions)
    yield from (_put(Part.EVENT, event_put(event, tables.outbox, now)) for event in commit.events)


def _below(commit: Commit, tables: Tables, now: datetime) -> Iterator[Action]:
    """What lies below the session."""
    yield from (_turn(commit.session, turn, tables.sessions) for turn in commit.turns)
    yield from (_chunk(commit.session, chunk, tables.sessions) for chunk in commit.chunks)
    for leg in commit.legs:
        yield from _leg(commit.session, leg, tables, now)
    for call in commit.tool_calls:
        yield _put(Part.TOOL_CALL, tool_call_put(commit.session.tenant, call, tables.sessions))


def _session(commit: Commit, table_name: str) -> Action:
    session = stored(commit)
    item: items.Item = {
        "pk": items.text(table.session_pk(session.tenant, session.id)),
        "sk": items.text(table.SESSION_SK),
        "tenant": items.text(str(session.tenant)),
        "tenant_status": items.text(table.tenant_status(session.tenant, session.status)),
        "created_key": items.text(table.created_key(Place(session.created_at, session.id))),
        "version": items.number(session.version),
        "epoch": items.number(session.epoch),
        "data": items.data(session),
    }
    if session.owner is not None:
        item["owner"] = items.text(session.owner)
    if commit.due_at is not None:
        item["due_shard"] = items.text(table.due_shard(session.id))
        item["due_at"] = items.text(table.sortable(commit.due_at))
    return _put(Part.SESSION, _conditional(commit, {"TableName": table_name, "Item": item}))


def _conditional(commit: Commit, put: PutTypeDef) -> PutTypeDef:
    if commit.expected_version is None:
        return {**put, "ConditionExpression": "attribute_not_exists(pk)"}
    condition = "#version = :version"
    names = {"#version": "version"}
    values: items.Item = {":version": items.number(commit.expected_version)}
    if commit.fence:
        condition += " AND #owner = :owner AND #epoch = :epoch"
        names |= {"#owner": "owner", "#epoch": "epoch"}
        values |= {":owner": items.text(commit.fence.worker_id), ":epoch": items.number(commit.fence.epoch)}
    return {
        **put,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _directory(session: Session, table_name: str) -> Action:
    item: items.Item = {
        "pk": items.text(table.directory_pk(session.id)),
        "tenant": items.text(str(session.tenant)),
    }
    put: PutTypeDef = {"TableName": table_name, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
    return _put(Part.DIRECTORY, put)


def _turn(session: Session, turn: Turn, table_name: str) -> Action:
    return _once(Part.TURN, session, table.turn_sk(turn.sequence), turn.id, items.data(turn), table_name)


def _chunk(session: Session, chunk: Chunk, table_name: str) -> Action:
    return _once(Part.CHUNK, session, table.chunk_sk(chunk.index), chunk.key, items.data(chunk), table_name)


def _once(part: Part, session: Session, sk: str, identity: str, data: AttributeValueTypeDef, table_name: str) -> Action:
    """The same one may come twice (the answer to the first write was lost); another one never takes its place."""
    item: items.Item = {
        "pk": items.text(table.session_pk(session.tenant, session.id)),
        "sk": items.text(sk),
        "id": items.text(identity),
        "data": data,
    }
    return _put(part, items.once(table_name, item))


def _recording(recorded: Recorded, table_name: str) -> Action:
    """Without a condition of its own: the session's version, in the same transaction, guards both."""
    item: items.Item = {
        "pk": items.text(table.recording_pk(recorded.tenant, recorded.id)),
        "sk": items.text(table.RECORDING_SK),
        "data": items.data(recorded),
    }
    if recorded.expires_at is not None:
        item["expires_at"] = items.number(table.epoch_s(recorded.expires_at))
    return _put(Part.RECORDING, {"TableName": table_name, "Item": item})


def _leg(session: Session, leg: Leg, tables: Tables, now: datetime) -> Iterator[Action]:
    yield _put(Part.LEG, leg_put(session, leg, tables.sessions))
    # A PBX names its calls as it likes, perhaps as another does, and nobody looks for one by that name.
    if leg.call_id is not None and leg.carrier is not Carrier.SIP:
        yield _put(Part.CALL, call_put(session, leg, leg.call_id, tables.access, now))


def _seat(commit: Commit, seat: Seat, table_name: str) -> Iterator[Action]:
    if commit.expected_version is None:
        yield _put(Part.SEAT, seat_put(seat, table_name))
    elif commit.leaves_seat:
        yield Action(Part.SEAT, {"Delete": seat_delete(seat, table_name)})


def _put(part: Part, put: PutTypeDef) -> Action:
    return Action(part, {"Put": put})
