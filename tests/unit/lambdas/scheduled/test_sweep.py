"""The sweep, as the function is invoked."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from core.domain.access import Tenant
from core.errors import DependencyRefused
from core.ports import Commit
from core.services.sweep import Sweep
from lambdas.runtime import wiring
from lambdas.scheduled import sweep
from tests.builders import a_session
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemorySessions


class Context:
    def __init__(self, left_ms: int) -> None:
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


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
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sessions = MemorySessions(FakeClock())
    sessions.commit(Commit(a_session(), None, START - timedelta(seconds=1)))

    def expire(_tenant: Tenant, _session_id: str) -> bool:
        raise DependencyRefused("PutItem was refused: AccessDenied")

    monkeypatch.setattr(wiring, "sweep", lambda: Sweep(sessions, expire, FakeClock()))
    with pytest.raises(DependencyRefused):
        sweep.handler({}, Context(50_000))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert next(line for line in lines if "_aws" in line)["SessionsNotExpired"] == [1.0]


def test_a_run_without_time_left_begins_nothing(expired: list[str]) -> None:
    sweep.handler({}, Context(10_000))

    assert expired == []
