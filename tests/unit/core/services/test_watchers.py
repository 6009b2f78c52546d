"""Who may connect to the events socket, and watch what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from core.domain.access import Scope, stream_token
from core.domain.organizations import Organization
from core.errors import AuthenticationFailed, NotFound, PermissionDenied
from core.ports import Commit, Watcher
from core.services.access import AccessService
from core.services.watchers import CONNECTION_LIFETIME, Subscriptions, WatcherAdmission
from tests.builders import ACME, OTHER, PEPPER, SECRET, a_session, an_api_key
from tests.fakes.clocks import START, FakeClock
from tests.fakes.stores import MemoryAccess, MemorySessions
from tests.fakes.watchers import MemoryWatchers

TOKEN_KEY = b"t" * 32


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    access: MemoryAccess = field(default_factory=MemoryAccess)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.watchers = MemoryWatchers(self.clock)
        self.access.put_organization(Organization("org_acme", "Acme"))
        self.access.put_key(an_api_key())
        for session in (a_session("sess_1"), a_session("sess_2"), a_session("sess_3", OTHER)):
            self.sessions.commit(Commit(session, None, None))
        self.admission = WatcherAdmission(
            AccessService(self.access, lambda: PEPPER, self.clock),
            self.sessions,
            self.watchers,
            lambda: TOKEN_KEY,
            self.clock,
        )
        self.subscriptions = Subscriptions(self.watchers, self.sessions)

    def token(self, session_id: str = "sess_1") -> str:
        return stream_token(TOKEN_KEY, ACME, session_id, START, self.clock.now()).text


@pytest.fixture
def world() -> World:
    return World()


def test_a_key_may_watch_every_session_of_its_tenant(world: World) -> None:
    world.admission.with_key("c1", SECRET)

    for session_id in ("sess_1", "sess_2"):
        world.subscriptions.subscribe("c1", session_id)

    assert world.watchers.watching("sess_2") == ["c1"]


def test_a_watcher_is_forgotten_when_the_gateway_has_ended_its_connection(world: World) -> None:
    world.admission.with_key("c1", SECRET)

    assert world.watchers.find("c1") == Watcher(
        "c1", ACME, START + CONNECTION_LIFETIME, None, frozenset({"sessions:read", "sessions:write"})
    )


def test_another_tenants_session_is_not_there(world: World) -> None:
    world.admission.with_key("c1", SECRET)

    with pytest.raises(NotFound):
        world.subscriptions.subscribe("c1", "sess_3")

    assert world.watchers.watching("sess_3") == []


def test_what_is_no_session_id_is_not_looked_up(world: World) -> None:
    world.admission.with_key("c1", SECRET)

    with pytest.raises(NotFound):
        world.subscriptions.subscribe("c1", "sess_1/../sess_3")


def test_a_stream_token_watches_its_own_session_and_no_other(world: World) -> None:
    world.admission.with_token("c1", "sess_1", world.token())
    world.subscriptions.subscribe("c1", "sess_1")

    with pytest.raises(PermissionDenied):
        world.subscriptions.subscribe("c1", "sess_2")


@pytest.mark.parametrize(
    ("session_id", "token"),
    [("sess_2", "token of sess_1"), ("sess_9", "token of sess_1"), ("", "token of sess_1"), ("sess_1", "kst_live_x")],
)
def test_a_foreign_or_wrong_token_lets_nobody_in(world: World, session_id: str, token: str) -> None:
    text = world.token("sess_1") if token == "token of sess_1" else token

    with pytest.raises(AuthenticationFailed) as refused:
        world.admission.with_token("c1", session_id, text)

    assert refused.value.code == "invalid_stream_token"
    assert world.watchers.find("c1") is None


def test_an_expired_token_lets_nobody_in(world: World) -> None:
    token = world.token()
    world.clock.advance(timedelta(hours=1).total_seconds())

    with pytest.raises(AuthenticationFailed):
        world.admission.with_token("c1", "sess_1", token)


def test_a_key_without_the_scope_may_not_watch(world: World) -> None:
    world.access.put_key(an_api_key(scopes=frozenset({Scope.SESSIONS_WRITE})))

    with pytest.raises(PermissionDenied):
        world.admission.with_key("c1", SECRET)


def test_a_connection_nobody_let_in_may_not_subscribe(world: World) -> None:
    with pytest.raises(AuthenticationFailed):
        world.subscriptions.subscribe("c9", "sess_1")
