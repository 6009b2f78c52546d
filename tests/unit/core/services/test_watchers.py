"""Who may connect to the events socket, and who is still welcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.access import Scope, stream_token
from core.domain.watching import CONNECTION_LIFETIME, MOST_CONNECTIONS
from core.errors import AuthenticationFailed, PermissionDenied, RateLimited
from core.watcher_ports import Watcher
from tests.builders import ACME, ACME_TEST, SECRET, an_api_key
from tests.fakes.clocks import START
from tests.fakes.watching import TOKEN_KEY, Watching


@pytest.fixture
def world() -> Watching:
    return Watching()


def token(world: Watching, session_id: str = "sess_1") -> str:
    return stream_token(TOKEN_KEY, ACME, session_id, START, world.clock.now()).text


def test_a_key_may_watch_every_session_of_its_tenant(world: Watching) -> None:
    world.admission.with_key("c1", SECRET)

    for session_id in ("sess_1", "sess_2"):
        world.subscriptions.subscribe("c1", session_id)

    assert world.watchers.watching(ACME, "sess_2") == ["c1"]


def test_a_watcher_is_forgotten_when_the_gateway_has_ended_its_connection(world: Watching) -> None:
    world.admission.with_key("c1", SECRET)

    assert world.watchers.find("c1") == Watcher("c1", ACME, START + CONNECTION_LIFETIME, None, an_api_key().hash)


def test_a_stream_token_watches_its_own_session_and_no_other(world: Watching) -> None:
    world.admission.with_token("c1", "sess_1", token(world))
    world.subscriptions.subscribe("c1", "sess_1")

    for other in ("sess_2", "sess_3", "sess_9"):
        with pytest.raises(PermissionDenied) as refused:
            world.subscriptions.subscribe("c1", other)
        assert refused.value.message == "the token belongs to another session"


@pytest.mark.parametrize(
    ("session_id", "shown"),
    [("sess_2", "token of sess_1"), ("sess_9", "token of sess_1"), ("", "token of sess_1"), ("sess_1", "kst_live_x")],
)
def test_a_foreign_or_wrong_token_lets_nobody_in(world: Watching, session_id: str, shown: str) -> None:
    text = token(world) if shown == "token of sess_1" else shown

    with pytest.raises(AuthenticationFailed) as refused:
        world.admission.with_token("c1", session_id, text)

    assert refused.value.code == "invalid_stream_token"
    assert world.watchers.find("c1") is None


def test_an_expired_token_lets_nobody_in(world: Watching) -> None:
    text = token(world)
    world.clock.advance(timedelta(hours=1).total_seconds())

    with pytest.raises(AuthenticationFailed):
        world.admission.with_token("c1", "sess_1", text)


def test_a_token_that_expires_later_does_not_end_what_it_opened(world: Watching) -> None:
    world.admission.with_token("c1", "sess_1", token(world))
    world.clock.advance(timedelta(hours=1, minutes=30).total_seconds())

    world.subscriptions.subscribe("c1", "sess_1")

    assert world.watchers.watching(ACME, "sess_1") == ["c1"]


def test_a_key_without_the_scope_may_not_watch(world: Watching) -> None:
    world.key_is(Scope.SESSIONS_WRITE)

    with pytest.raises(PermissionDenied):
        world.admission.with_key("c1", SECRET)


def test_a_tenant_has_so_many_connections_and_takes_none_of_anothers(world: Watching) -> None:
    for number in range(MOST_CONNECTIONS):
        world.connect(f"c{number}")
        world.connect(f"t{number}", ACME_TEST)

    with pytest.raises(RateLimited) as refused:
        world.admission.with_key("one more", SECRET)

    assert refused.value.code == "too_many_watchers"
    world.watchers.remove("c7")
    world.admission.with_key("one more", SECRET)


def test_a_connection_nobody_let_in_may_do_nothing(world: Watching) -> None:
    for act in (lambda: world.subscriptions.subscribe("c9", "sess_1"), lambda: world.renewal.ping("c9")):
        with pytest.raises(AuthenticationFailed) as refused:
            act()
        assert refused.value.code == "connection_unknown"


def test_who_is_not_welcome_any_more_watches_nothing_from_then_on(world: Watching) -> None:
    world.watch("c1")
    world.key_is(Scope.SESSIONS_READ, revoked=True)

    with pytest.raises(AuthenticationFailed) as refused:
        world.renewal.ping("c1")

    assert refused.value.code == "revoked_api_key"
    assert world.watchers.watching(ACME, "sess_1") == []
    assert world.watchers.find("c1") is None


def test_nor_does_anybody_of_an_organization_that_was_switched_off(world: Watching) -> None:
    world.watch("c1")
    organization = world.access.organization("org_acme")
    assert organization is not None
    world.access.put_organization(replace(organization, active=False))

    with pytest.raises(PermissionDenied) as refused:
        world.subscriptions.subscribe("c1", "sess_2")

    assert refused.value.code == "organization_inactive"
    assert world.watchers.watching(ACME, "sess_1") == []
