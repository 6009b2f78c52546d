"""WatcherStore."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.watcher_ports import Watcher
from tests.builders import ACME, OTHER
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START

MOST = 3


def a_watcher(connection_id: str = "c1", session_id: str | None = None) -> Watcher:
    return Watcher(connection_id, ACME, START + timedelta(hours=2), session_id, key_hash="h1")


def watch(stores: Stores, connection_id: str, *session_ids: str) -> None:
    watcher = a_watcher(connection_id)
    stores.watchers.add(watcher)
    for session_id in session_ids:
        assert stores.watchers.subscribe(watcher, session_id, MOST)


def test_a_watcher_is_found_as_it_was_added(stores: Stores) -> None:
    stores.watchers.add(a_watcher(session_id="sess_1"))

    assert stores.watchers.find("c1") == a_watcher(session_id="sess_1")
    assert stores.watchers.find("c2") is None


def test_a_watcher_knows_what_it_watches(stores: Stores) -> None:
    watch(stores, "c1", "sess_1", "sess_2")
    stores.watchers.unsubscribe(ACME, "c1", "sess_2")

    assert stores.watchers.find("c1") == replace(a_watcher(), watched=frozenset({"sess_1"}))
    stores.watchers.unsubscribe(ACME, "c1", "sess_1")
    assert stores.watchers.find("c1") == a_watcher()


def test_a_watcher_whose_time_is_over_is_not_there_even_if_the_item_still_is(stores: Stores) -> None:
    watch(stores, "c1", "sess_1")

    stores.clock.advance(2 * 3600)

    assert stores.watchers.find("c1") is None
    assert stores.watchers.watching(ACME, "sess_1") == []


def test_a_session_knows_its_watchers_and_those_of_its_tenant_only(stores: Stores) -> None:
    watch(stores, "c1", "sess_1")
    watch(stores, "c2", "sess_1")
    watch(stores, "c3", "sess_2")

    stores.watchers.unsubscribe(ACME, "c1", "sess_1")
    stores.watchers.unsubscribe(ACME, "c9", "sess_1")

    assert stores.watchers.watching(ACME, "sess_1") == ["c2"]
    assert stores.watchers.watching(OTHER, "sess_1") == []


def test_removing_a_connection_removes_what_it_watched(stores: Stores) -> None:
    watch(stores, "c1", "sess_1", "sess_2")
    watch(stores, "c2", "sess_1")

    stores.watchers.remove("c1")
    stores.watchers.remove("c1")

    assert stores.watchers.find("c1") is None
    assert stores.watchers.watching(ACME, "sess_1") == ["c2"]
    assert stores.watchers.watching(ACME, "sess_2") == []


def test_a_connection_watches_so_many_sessions_and_no_more(stores: Stores) -> None:
    watch(stores, "c1", "sess_1", "sess_2", "sess_3")

    assert not stores.watchers.subscribe(a_watcher(), "sess_4", MOST)
    assert stores.watchers.subscribe(a_watcher(), "sess_3", MOST), "once more the same is not more"
    stores.watchers.unsubscribe(ACME, "c1", "sess_1")
    assert stores.watchers.subscribe(a_watcher(), "sess_4", MOST)
    assert stores.watchers.watching(ACME, "sess_4") == ["c1"]


def test_a_connection_that_is_gone_subscribes_to_nothing(stores: Stores) -> None:
    assert not stores.watchers.subscribe(a_watcher(), "sess_1", MOST)

    assert stores.watchers.watching(ACME, "sess_1") == []
    assert stores.watchers.find("c1") is None


def test_the_connections_of_a_tenant_are_counted_up_to_a_limit(stores: Stores) -> None:
    for connection in ("c1", "c2", "c3"):
        stores.watchers.add(a_watcher(connection))
    stores.watchers.add(replace(a_watcher("c4"), tenant=OTHER))
    stores.watchers.remove("c3")

    assert stores.watchers.count(ACME, 10) == 2
    assert stores.watchers.count(ACME, 1) == 1
    assert stores.watchers.count(replace(ACME, livemode=not ACME.livemode), 10) == 0


def test_a_watch_is_renewed_once_in_a_while_however_often_it_is_asked_for(stores: Stores) -> None:
    stores.watchers.add(a_watcher())
    soon, later = START + timedelta(seconds=10), START + timedelta(seconds=40)

    assert stores.watchers.renew("c1", START, START - timedelta(seconds=30))
    assert not stores.watchers.renew("c1", soon, soon - timedelta(seconds=30))
    assert stores.watchers.renew("c1", later, later - timedelta(seconds=30))
    assert not stores.watchers.renew("c9", START, START - timedelta(seconds=30))
    assert stores.watchers.find("c9") is None
