"""Domain values ↔ the JSON in an item's `data` attribute, and the little typing the low-level client asks for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from core.adapters.dynamodb import table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutTypeDef

T = TypeVar("T")
Item = dict[str, "AttributeValueTypeDef"]


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made on first use: building one costs milliseconds, and no function needs them all."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def text(value: str) -> AttributeValueTypeDef:
    return {"S": value}


def number(value: int) -> AttributeValueTypeDef:
    return {"N": str(value)}


def data(value: object) -> AttributeValueTypeDef:
    return {"S": _adapter(type(value)).dump_json(value).decode()}


def read(kind: type[T], item: Mapping[str, Any]) -> T:
    """The value in `data`. Unknown fields are ignored, missing ones take their default: versions may overlap."""
    value: T = _adapter(kind).validate_json(item["data"]["S"])
    return value


def number_of(item: Mapping[str, Any], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def text_of(item: Mapping[str, Any], name: str) -> str | None:
    return item[name]["S"] if name in item else None


def is_kept(item: Mapping[str, Any], now: datetime) -> bool:
    """False once its time is over: DynamoDB deletes days late, so whoever reads an item with a TTL asks this."""
    return number_of(item, "expires_at") > table.epoch_s(now)


def once(table_name: str, item: Item) -> PutTypeDef:
    """Into an empty place, or over the same thing (by its `id`): a write may come twice."""
    return {
        "TableName": table_name,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk) OR id = :id",
        "ExpressionAttributeValues": {":id": item["id"]},
    }


def versioned(table_name: str, pk: str, stored: object, version: int) -> PutTypeDef:
    """`stored` over version `version` of itself, or into an empty place; it is one version further then."""
    return {
        "TableName": table_name,
        "Item": {"pk": text(pk), "version": number(version + 1), "data": data(stored)},
        "ConditionExpression": "attribute_not_exists(pk) OR #version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": number(version)},
    }
