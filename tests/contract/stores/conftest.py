"""Every suite here runs on each kind of store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from core.adapters import clients
from tests.contract.stores import knowledge_kinds, webhook_kinds
from tests.contract.stores.kinds import Stores, memory, real
from tests.contract.stores.tables import create_tables

KINDS = ("memory", "aws")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def aws(credentials: None) -> Iterator[None]:
    clients.session.cache_clear()
    with mock_aws():
        create_tables()
        yield
    clients.session.cache_clear()


@pytest.fixture(params=KINDS)
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "memory":
        return memory()
    request.getfixturevalue("aws")
    return real()


@pytest.fixture(params=KINDS)
def webhooks(request: pytest.FixtureRequest) -> webhook_kinds.WebhookStores:
    if request.param == "memory":
        return webhook_kinds.memory()
    request.getfixturevalue("aws")
    return webhook_kinds.real()


@pytest.fixture(params=KINDS)
def knowledge(request: pytest.FixtureRequest) -> knowledge_kinds.KnowledgeStores:
    if request.param == "memory":
        return knowledge_kinds.memory()
    request.getfixturevalue("aws")
    return knowledge_kinds.real()
