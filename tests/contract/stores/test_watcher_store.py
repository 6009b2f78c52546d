"""WatcherStore."""

from __future__ import annotations

from datetime import timedelta

from core.ports import Watcher
from tests.builders import ACME
from tests.contract.stores.kinds import Stores
from tests.fakes.clocks import START


def a_watcher(connection_id: str = "c1", session_id: str | None = None) -> Watcher:
    return Watcher(connection_id, ACME, START + timedelta(hours=2), session_id, frozenset({"sessions:read"}))


def test_a_watcher_is_found_as_it_was_added(stores: Stores) -> None:
    stores.watchers.add(a_watcher(session_id="sess_1"))

    assert stores.watchers.find("c1") == a_watcher(session_id="sess_1")
    assert stores.watchers.find("c2") is None


def test_a_watcher_whose_time_is_over_is_not_there_even_if_the_item_still_is(stores: Stores) -> None:
    stores.watchers.add(a_watcher())
    stores.watchers.subscribe(a_watcher(), "sess_1")

    stores.clock.advance(2 * 3600)

    assert stores.watchers.find("c1") is None
    assert stores.watchers.watching("sess_1") == []


def test_a_session_knows_its_watchers(stores: Stores) -> None:
    for connection in ("c1", "c2"):
        stores.watchers.subscribe(a_watcher(connection), "sess_1")
    stores.watchers.subscribe(a_watcher("c3"), "sess_2")

    stores.watchers.unsubscribe("c1", "sess_1")
    stores.watchers.unsubscribe("c9", "sess_1")

    assert stores.watchers.watching("sess_1") == ["c2"]


def test_removing_a_connection_removes_what_it_watched(stores: Stores) -> None:
    stores.watchers.add(a_watcher())
    for session_id in ("sess_1", "sess_2"):
        stores.watchers.subscribe(a_watcher(), session_id)
    stores.watchers.subscribe(a_watcher("c2"), "sess_1")

    stores.watchers.remove("c1")
    stores.watchers.remove("c1")

    assert stores.watchers.find("c1") is None
    assert stores.watchers.watching("sess_1") == ["c2"]
    assert stores.watchers.watching("sess_2") == []
