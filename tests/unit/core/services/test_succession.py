"""Whose turn it is to take a session, while one release takes another one's place."""

from __future__ import annotations

import pytest

from core.errors import Unavailable
from core.release_ports import Opening
from core.services.succession import Succession
from tests.fakes.clocks import FakeClock
from tests.fakes.releases import Service
from tests.fakes.stores import MemoryWorkers


class Rollout:
    """A service with workers of two releases."""

    def __init__(self) -> None:
        self.clock, self.openings, self.service = FakeClock(), MemoryWorkers(), Service("worker:1")

    def worker(self, worker_id: str, release: str) -> Succession:
        return Succession(worker_id, release, self.service, self.openings, self.clock)


@pytest.fixture
def rollout() -> Rollout:
    return Rollout()


def test_while_its_release_is_in_service_a_worker_takes_what_comes(rollout: Rollout) -> None:
    worker = rollout.worker("w1", "worker:1")
    rollout.worker("w2", "worker:1").announce()
    worker.look()
    assert (worker.is_relieved, worker.successor()) == (False, None)


def test_a_newer_release_takes_over_with_its_first_living_worker_and_not_before(rollout: Rollout) -> None:
    old, new = rollout.worker("w1", "worker:1"), rollout.worker("w2", "worker:2")
    rollout.service.release = "worker:2"
    old.look()
    assert (old.is_relieved, old.successor()) == (False, None)
    new.announce()
    old.look()
    assert (old.is_relieved, old.successor()) == (True, "w2")


def test_the_successor_is_whoever_said_last_that_there_is_room(rollout: Rollout) -> None:
    old = rollout.worker("w1", "worker:1")
    rollout.service.release = "worker:2"
    rollout.worker("w2", "worker:2").announce()
    old.look()
    rollout.worker("w3", "worker:2").announce()
    assert old.successor() == "w3"


def test_after_a_rollback_the_older_release_takes_new_sessions_again(rollout: Rollout) -> None:
    old, new = rollout.worker("w1", "worker:1"), rollout.worker("w2", "worker:2")
    rollout.service.release = "worker:2"
    new.announce()
    old.look()
    rollout.service.release = "worker:1"
    old.announce()
    old.look()
    new.look()
    assert (old.successor(), new.successor()) == (None, "w1")


def test_successors_that_are_silent_for_fifteen_seconds_take_nothing(rollout: Rollout) -> None:
    old = rollout.worker("w1", "worker:1")
    rollout.service.release = "worker:2"
    rollout.worker("w2", "worker:2").announce()
    old.look()
    rollout.clock.advance(15)
    assert old.successor() is None
    old.look()
    assert not old.is_relieved


def test_what_cannot_be_asked_leaves_everything_as_it_was(rollout: Rollout) -> None:
    old = rollout.worker("w1", "worker:1")
    rollout.service.release = "worker:2"
    rollout.openings.announce("worker:2", Opening("w2", rollout.clock.now()))
    old.look()
    rollout.service.failure = Unavailable("dependency_unavailable", "")
    with pytest.raises(Unavailable):
        old.look()
    assert (old.is_relieved, old.successor()) == (True, "w2")
