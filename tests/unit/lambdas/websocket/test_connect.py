"""$connect."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.access import Scope, stream_token
from core.domain.organizations import Organization
from core.domain.rotation import fixed
from core.ports import Commit
from core.services.access import AccessService
from core.services.watchers import WatcherAdmission
from lambdas.websocket.connect import connect
from tests.builders import ACME, PEPPER, SECRET, a_session, an_api_key
from tests.fakes.clocks import START, FakeClock
from tests.fakes.rest import TOKEN_KEY, golden
from tests.fakes.stores import MemoryAccess, MemorySessions
from tests.fakes.watchers import MemoryWatchers

CONNECTION = golden("events/websocket_connect.json")["requestContext"]["connectionId"]
TOKEN = stream_token(TOKEN_KEY, ACME, "sess_1", START, START).text


@pytest.fixture
def access() -> MemoryAccess:
    access = MemoryAccess()
    access.put_organization(Organization("org_acme", "Acme"))
    access.put_key(an_api_key())
    return access


@pytest.fixture
def admission(access: MemoryAccess) -> WatcherAdmission:
    clock = FakeClock()
    sessions = MemorySessions(clock)
    sessions.commit(Commit(a_session(), None, None))
    service = AccessService(access, fixed(PEPPER), clock)
    return WatcherAdmission(service, sessions, MemoryWatchers(clock), fixed(TOKEN_KEY), clock)


def request(headers: dict[str, str] | None = None, **query: str) -> dict[str, Any]:
    event = golden("events/websocket_connect.json")
    for name, value in (headers or {}).items():
        event["headers"][name] = value
        event["multiValueHeaders"][name] = [value]
    if query:
        event["queryStringParameters"] = query
    return event


@pytest.mark.parametrize(
    "event",
    [
        request({"Authorization": f"Bearer {SECRET}"}),
        request({"X-API-Key": SECRET}),
        request(token=SECRET),
    ],
)
def test_a_key_connects_for_every_session_of_its_tenant(admission: WatcherAdmission, event: dict[str, Any]) -> None:
    assert connect(admission, event) == {"statusCode": 200}

    watcher = admission.watchers.find(CONNECTION)
    assert watcher is not None
    assert (watcher.tenant, watcher.session_id) == (ACME, None)
    assert SECRET not in repr(watcher)


@pytest.mark.parametrize(
    "event",
    [
        request({"Authorization": f"Bearer {TOKEN}"}, session_id="sess_1"),
        request(token=TOKEN, session_id="sess_1"),
    ],
)
def test_a_stream_token_connects_for_its_session(admission: WatcherAdmission, event: dict[str, Any]) -> None:
    assert connect(admission, event) == {"statusCode": 200}

    watcher = admission.watchers.find(CONNECTION)
    assert watcher is not None
    assert watcher.session_id == "sess_1"


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (request(), "invalid_api_key"),
        (request(token="sk_live_wrong"), "invalid_api_key"),
        (request(token=TOKEN), "invalid_stream_token"),
        (request(token=TOKEN, session_id="sess_2"), "invalid_stream_token"),
        (request(token="kst_live_wrong", session_id="sess_1"), "invalid_stream_token"),
        (request({"X-API-Key": SECRET}, token=TOKEN), "invalid_api_key"),
    ],
)
def test_whoever_cannot_show_the_right_one_stays_out(
    admission: WatcherAdmission, event: dict[str, Any], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = connect(admission, event)

    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["error"]["code"] == code
    assert admission.watchers.find(CONNECTION) is None
    assert "sk_live" not in capsys.readouterr().out


def test_a_key_without_the_scope_is_forbidden(access: MemoryAccess, admission: WatcherAdmission) -> None:
    access.put_key(an_api_key(scopes=frozenset({Scope.SESSIONS_WRITE})))

    assert connect(admission, request({"X-API-Key": SECRET}))["statusCode"] == 403
