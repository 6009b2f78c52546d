"""The sweep, as the function is invoked."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core.domain.access import Tenant
from core.errors import DependencyRefused
from core.ports import Commit
from core.services.sweep import Sweep
from lambdas.runtime import webhook_wiring, wiring
from lambdas.scheduled import sweep
from tests.builders import a_session, an_endpoint, an_event
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemorySessions
from tests.fakes.webhook_world import WebhookWorld


class Context:
    def __init__(self, left_ms: int) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@pytest.fixture(autouse=True)
def webhooks(monkeypatch: pytest.MonkeyPatch) -> WebhookWorld:
    world = WebhookWorld()
    monkeypatch.setattr(webhook_wiring, "due_deliveries", lambda: world.due)
    return world


@pytest.fixture
def expired(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    expired: list[str] = []
    sessions = MemorySessions(FakeClock())
    sessions.commit(Commit(a_session(), None, START - timedelta(seconds=1)))

    def expire(_tenant: Tenant, session_id: str) -> bool:
        expired.append(session_id)
        return True

    made = Sweep(sessions, expire, FakeClock())
    monkeypatch.setattr(wiring, "sweep", lambda: made)
    return expired


def test_what_is_due_is_ended_and_counted(expired: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    sweep.handler({}, Context(50_000))

    assert expired == ["sess_1"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert next(line for line in lines if "_aws" in line)["SessionsExpired"] == [1.0]


def test_a_fault_is_raised_after_everything_was_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], webhooks: WebhookWorld
) -> None:
    sessions = MemorySessions(FakeClock())
    sessions.commit(Commit(a_session(), None, START - timedelta(seconds=1)))

    def expire(_tenant: Tenant, _session_id: str) -> bool:
        raise DependencyRefused("PutItem was refused: AccessDenied")

    overdue(webhooks)
    monkeypatch.setattr(wiring, "sweep", lambda: Sweep(sessions, expire, FakeClock()))
    with pytest.raises(DependencyRefused):
        sweep.handler({}, Context(50_000))

    assert webhooks.queue.next_at() is not None
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert next(line for line in lines if "_aws" in line)["SessionsNotExpired"] == [1.0]


def test_a_run_without_time_left_begins_nothing(expired: list[str], webhooks: WebhookWorld) -> None:
    overdue(webhooks)

    sweep.handler({}, Context(10_000))

    assert expired == []
    assert webhooks.queue.next_at() is None


def test_webhooks_that_are_due_go_into_the_queue(
    expired: list[str], webhooks: WebhookWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    overdue(webhooks)

    sweep.handler({}, Context(50_000))

    assert len(webhooks.queue.take()) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert next(line for line in lines if "_aws" in line)["WebhooksRequeued"] == [1.0]


def overdue(webhooks: WebhookWorld) -> None:
    """A delivery whose message got lost an hour ago."""
    webhooks.clock.at = START - timedelta(hours=1)
    webhooks.registered(an_endpoint())
    webhooks.fan_out.tell(an_event())
    webhooks.queue.lose()
    webhooks.clock.at = START
