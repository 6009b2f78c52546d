"""Knowledge bases: all of a tenant in one partition of the sessions table, beside a count of them; the documents of
each in a partition of their own. A base's counts are attributes, which documents change with their own writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items, table
from core.adapters.dynamodb.conditions import write_if
from core.adapters.dynamodb.parts import write_all, write_once
from core.adapters.dynamodb.transactions import Tables
from core.domain.access import Tenant
from core.domain.knowledge_bases import Counts, Document, KnowledgeBase
from core.errors import WriteConflict
from core.knowledge_ports import BaseGone, NoRoom
from core.ports import Clock, IdempotencyRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_THING, _COUNT = 0, 1
_IS_THERE = "attribute_exists(pk)"


@dataclass(frozen=True, slots=True)
class DynamoKnowledge:
    client: DynamoDBClient
    tables: Tables
    clock: Clock

    def add_base(self, base: KnowledgeBase, most: int, idempotency: IdempotencyRecord | None = None) -> None:
        item = {**_base_key(base.tenant, base.id), "data": items.data(replace(base, counts=Counts()))}
        put = {**self._in(), "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        actions: list[Any] = [{"Put": put}, self._counted_base(base.tenant, 1, most)]
        refused = write_once(self.client, actions, idempotency, self.tables.access, self.clock.now())
        if _COUNT in refused:
            raise NoRoom(base.tenant.organization_id)
        if refused:
            raise WriteConflict(base.id)

    def change_base(self, base: KnowledgeBase) -> bool:
        """Its counts stay: they are attributes beside `data`."""
        changed, _ = write_if(
            "UpdateItem",
            self.client.update_item,
            **self._in(),
            Key=_base_key(base.tenant, base.id),
            UpdateExpression="SET #data = :data",
            ConditionExpression=_IS_THERE,
            ExpressionAttributeNames={"#data": "data"},
            ExpressionAttributeValues={":data": items.data(replace(base, counts=Counts()))},
        )
        return changed

    def find_base(self, tenant: Tenant, base_id: str) -> KnowledgeBase | None:
        item = self._get(_base_key(tenant, base_id))
        return _base(item) if item else None

    def bases(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[KnowledgeBase]:
        pk = table.knowledge_pk(tenant)
        return [_base(item) for item in self._between(pk, "kb", newer_than, older_than, limit, oldest_first)]

    def remove_base(self, tenant: Tenant, base_id: str) -> bool:
        delete = {**self._in(), "Key": _base_key(tenant, base_id), "ConditionExpression": _IS_THERE}
        actions: list[Any] = [{"Delete": delete}, self._counted_base(tenant, -1)]
        return not write_all(self.client, actions)

    def add_document(self, document: Document, most: int, idempotency: IdempotencyRecord | None = None) -> None:
        put = {**self._put(document, 1), "ConditionExpression": "attribute_not_exists(pk)"}
        room = {":most": items.number(most)}
        counted = self._counted(document, "documents < :most", room, documents=1)
        actions: list[Any] = [{"Put": put}, counted]
        refused = write_once(self.client, actions, idempotency, self.tables.access, self.clock.now())
        self._explain(refused, document)

    def replace_document(self, before: Document, after: Document, most_passages: int) -> Document:
        stored = replace(after, version=before.version + 1)
        actions: list[Any] = [{"Put": {**self._put(stored, stored.version), **_over(before)}}]
        if (before.content, before.passages) != (after.content, after.passages):
            more = after.passages - before.passages
            room = {":room": items.number(most_passages - more)}
            actions.append(self._counted(after, "passages <= :room", room, passages=more, revision=1))
        self._explain(write_all(self.client, actions), after)
        return stored

    def find_document(self, tenant: Tenant, base_id: str, document_id: str) -> Document | None:
        item = self._get(_document_key(tenant, base_id, document_id))
        return items.read(Document, item) if item else None

    def documents(
        self,
        tenant: Tenant,
        base_id: str,
        newer_than: str | None,
        older_than: str | None,
        limit: int,
        *,
        oldest_first: bool,
    ) -> list[Document]:
        pk = table.knowledge_documents_pk(tenant, base_id)
        found = self._between(pk, "doc", newer_than, older_than, limit, oldest_first)
        return [items.read(Document, item) for item in found]

    def remove_document(self, document: Document) -> None:
        key = _document_key(document.tenant, document.knowledge_base_id, document.id)
        delete = {**self._in(), "Key": key, **_over(document)}
        counted = self._counted(document, documents=-1, passages=-document.passages, revision=1)
        actions: list[Any] = [{"Delete": delete}, counted]
        self._explain(write_all(self.client, actions), document)

    def forget_documents(self, tenant: Tenant, base_id: str) -> None:
        """One by one: a base that is gone has at most some hundred, and nobody waits for more than its removal."""
        while found := self.documents(tenant, base_id, None, None, 100, oldest_first=True):
            for document in found:
                with translated("DeleteItem"):
                    self.client.delete_item(**self._in(), Key=_document_key(tenant, base_id, document.id))

    def _explain(self, refused: frozenset[int], document: Document) -> None:
        """The base's condition has two halves; which one failed is looked up, and may have changed since."""
        if not refused:
            return
        if _THING in refused:
            raise WriteConflict(document.id)
        if self.find_base(document.tenant, document.knowledge_base_id) is None:
            raise BaseGone(document.knowledge_base_id)
        raise NoRoom(document.knowledge_base_id)

    def _in(self) -> dict[str, Any]:
        return {"TableName": self.tables.sessions}

    def _put(self, document: Document, version: int) -> dict[str, Any]:
        item = {
            **_document_key(document.tenant, document.knowledge_base_id, document.id),
            "version": items.number(version),
            "data": items.data(replace(document, version=version)),
        }
        return {**self._in(), "Item": item}

    def _counted(
        self, document: Document, room: str = "", values: Mapping[str, Any] | None = None, **by: int
    ) -> dict[str, Any]:
        """The base's counts, grown by so many; only where it is there, and `room` is."""
        missing = f" AND (attribute_not_exists({room.split(' ', maxsplit=1)[0]}) OR {room})" if room else ""
        update = {
            **self._in(),
            "Key": _base_key(document.tenant, document.knowledge_base_id),
            "UpdateExpression": "ADD " + ", ".join(f"{name} :{name}" for name in by),
            "ConditionExpression": _IS_THERE + missing,
            "ExpressionAttributeValues": {**{f":{name}": items.number(n) for name, n in by.items()}, **(values or {})},
        }
        return {"Update": update}

    def _counted_base(self, tenant: Tenant, by: int, most: int | None = None) -> dict[str, Any]:
        update: dict[str, Any] = {
            **self._in(),
            "Key": _base_key(tenant, table.KNOWLEDGE_COUNT_SK),
            "UpdateExpression": "ADD bases :by",
            "ExpressionAttributeValues": {":by": items.number(by)},
        }
        if most is not None:
            update["ConditionExpression"] = "attribute_not_exists(bases) OR bases < :most"
            update["ExpressionAttributeValues"][":most"] = items.number(most)
        return {"Update": update}

    def _between(
        self, pk: str, prefix: str, newer_than: str | None, older_than: str | None, limit: int, oldest_first: bool
    ) -> list[dict[str, Any]]:
        """BETWEEN includes its ends: behind the lower one stands a space, the upper one is dropped."""
        last = older_than or f"{prefix}_~"
        with translated("Query"):
            found = self.client.query(
                **self._in(),
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":pk": items.text(pk),
                    ":first": items.text(f"{newer_than} " if newer_than else f"{prefix}_"),
                    ":last": items.text(last),
                },
                ConsistentRead=True,
                ScanIndexForward=oldest_first,
                Limit=limit + 1,
            )
        return [dict(item) for item in found["Items"] if item["sk"]["S"] != last][:limit]

    def _get(self, key: items.Item) -> dict[str, Any] | None:
        with translated("GetItem"):
            item = self.client.get_item(**self._in(), Key=key, ConsistentRead=True).get("Item")
        return dict(item) if item else None


def _base(item: Mapping[str, Any]) -> KnowledgeBase:
    counts = Counts(*(items.number_of(item, name) for name in ("documents", "passages", "revision")))
    return replace(items.read(KnowledgeBase, item), counts=counts)


def _over(document: Document) -> dict[str, Any]:
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": items.number(document.version)},
    }


def _base_key(tenant: Tenant, sk: str) -> items.Item:
    return {"pk": items.text(table.knowledge_pk(tenant)), "sk": items.text(sk)}


def _document_key(tenant: Tenant, base_id: str, document_id: str) -> items.Item:
    return {"pk": items.text(table.knowledge_documents_pk(tenant, base_id)), "sk": items.text(document_id)}
