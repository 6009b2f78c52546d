"""The composition root: every function is made from its own environment alone, and asks AWS nothing while it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from core.adapters import clients
from lambdas.runtime import delivery_wiring, indexing_wiring, socket_wiring, webhook_wiring, wiring

TABLES = {"SESSIONS_TABLE": "s", "ACCESS_TABLE": "a", "OUTBOX_TABLE": "o"}
TIMES = {"IDLE_TIMEOUT_S": "1800", "RECONNECT_WINDOW_S": "300"}
SOCKET = {"DELIVERIES_TABLE": "d", "EVENTS_ENDPOINT_URL": "https://events.example.com"}
PEPPER = {"API_KEY_PEPPER_SECRET_ARN": "pepper"}
TOKEN = {"STREAM_TOKEN_SECRET_ARN": "token"}
INBOX = {"INBOX_PREFIX": "inbox-"}
HANDOFFS = {"DELIVERIES_TABLE": "d", "HANDOFFS_QUEUE_URL": "https://sqs.example.com/q"}
BUCKET = {"RECORDINGS_BUCKET": "b"}
KNOWLEDGE = {"KNOWLEDGE_BUCKET": "k"}
STREAMS = {"STREAM_BASE_URL": "wss://x", "DOCS_URL": "https://x/docs", "KALLGLOT_ENGINES": "embedded"}


class Cached(Protocol):
    def __call__(self) -> object: ...

    def cache_clear(self) -> None: ...


MADE: list[tuple[Cached, dict[str, str]]] = [
    (indexing_wiring.indexing, {"SESSIONS_TABLE": "s"} | KNOWLEDGE),
    (
        wiring.rest,
        TABLES
        | TIMES
        | PEPPER
        | TOKEN
        | INBOX
        | BUCKET
        | KNOWLEDGE
        | HANDOFFS
        | {"WEBHOOK_KEY_SECRET_ARN": "key", "LOCAL_TARGETS": "false"}
        | {"CONNECTION_SECRETS": "kallglot/connections", "SIP_DOMAIN": "sip.example.com"}
        | STREAMS,
    ),
    (wiring.authorizer, {"ACCESS_TABLE": "a", "SESSIONS_TABLE": "s"} | PEPPER),
    (
        socket_wiring.watcher_admission,
        {"ACCESS_TABLE": "a", "SESSIONS_TABLE": "s", "DELIVERIES_TABLE": "d"} | PEPPER | TOKEN,
    ),
    (socket_wiring.watchers, {"DELIVERIES_TABLE": "d"}),
    (socket_wiring.sockets, SOCKET),
    (socket_wiring.subscriptions, SOCKET | INBOX | {"SESSIONS_TABLE": "s", "ACCESS_TABLE": "a"}),
    (socket_wiring.renewal, SOCKET | INBOX | {"SESSIONS_TABLE": "s", "ACCESS_TABLE": "a"}),
    (socket_wiring.end_by_watcher, SOCKET | INBOX | TABLES | TIMES),
    (socket_wiring.push, SOCKET | INBOX | {"SESSIONS_TABLE": "s"}),
    (socket_wiring.push_partial, SOCKET | INBOX | {"SESSIONS_TABLE": "s"}),
    (wiring.relay, {"EVENT_BUS": "bus", "OUTBOX_TABLE": "o"}),
    (
        wiring.reconciling,
        {
            "EVENT_BUS": "bus",
            "OUTBOX_TABLE": "o",
            "FAILED_QUEUE_URLS": "https://q/1,https://q/2",
            "REDRIVEN": "arn:aws:f",
        },
    ),
    (wiring.finalizer, TABLES | TIMES | BUCKET | {"RECORDING_RETENTION_DAYS": "365"}),
    (wiring.sweep, TABLES | TIMES | INBOX | HANDOFFS),
    (webhook_wiring.fan_out, HANDOFFS | {"OUTBOX_TABLE": "o"}),
    (
        delivery_wiring.delivering,
        HANDOFFS
        | {"OUTBOX_TABLE": "o", "WEBHOOK_KEY_SECRET_ARN": "key", "WEBHOOK_TIMEOUT_S": "30", "WEBHOOK_PLACES": "25"}
        | {"LOCAL_TARGETS": "false"},
    ),
    (webhook_wiring.due_deliveries, TABLES | TIMES | INBOX | HANDOFFS),
]


@pytest.fixture(scope="module", autouse=True)
def session() -> Iterator[None]:
    """One AWS session for all: making one reads service models for half a second."""
    clients.session.cache_clear()
    yield
    clients.session.cache_clear()


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    _forget()
    yield
    _forget()


def _forget() -> None:
    for make, _ in MADE:
        make.cache_clear()


@pytest.mark.parametrize(("make", "environment"), MADE, ids=lambda value: getattr(value, "__name__", ""))
def test_a_function_is_made_from_its_own_environment_once(
    monkeypatch: pytest.MonkeyPatch, make: Cached, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert make() is make()


def test_the_sweep_cannot_make_stream_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (TABLES | TIMES | INBOX | HANDOFFS).items():
        monkeypatch.setenv(name, value)
    expire: Any = wiring.sweep().expire

    with pytest.raises(RuntimeError, match="may not read the stream token key"):
        expire.__self__.address.token_key()
