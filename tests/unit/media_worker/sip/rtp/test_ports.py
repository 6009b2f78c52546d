from __future__ import annotations

from collections.abc import Iterator

import pytest

from media_worker.sip.rtp.ports import NoPortLeft, RtpPorts
from tests.fakes.datagrams import FakeNetwork


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> Iterator[FakeNetwork]:
    made = FakeNetwork()
    yield made
    made.close()


def ports(clock: Clock, network: FakeNetwork, first: int = 16384, last: int = 16391) -> RtpPorts:
    return RtpPorts("127.0.0.1", first, last, clock, network.bind)


def test_each_pair_is_even_and_odd_and_nobody_elses(clock: Clock, network: FakeNetwork) -> None:
    made = ports(clock, network)
    taken = [made.take() for _ in range(4)]
    assert {pair.port for pair in taken} == {16384, 16386, 16388, 16390}
    assert set(network.sockets) == set(range(16384, 16392))
    assert made.in_use == 4
    with pytest.raises(NoPortLeft):
        made.take()


def test_an_odd_beginning_and_half_a_pair_at_the_end_are_not_used(clock: Clock, network: FakeNetwork) -> None:
    made = ports(clock, network, 16385, 16388)
    assert made.take().port == 16386
    with pytest.raises(NoPortLeft):
        made.take()


def test_a_pair_rests_after_use(clock: Clock, network: FakeNetwork) -> None:
    made = ports(clock, network, last=16385)
    pair = made.take()
    made.give_back(pair)
    assert (made.in_use, network.open) == (0, 0)
    clock.now = 4.9
    with pytest.raises(NoPortLeft):
        made.take()
    clock.now = 5.0
    assert made.take().port == 16384


def test_giving_back_twice_frees_nobody_elses_pair(clock: Clock, network: FakeNetwork) -> None:
    made = ports(clock, network, last=16385)
    pair = made.take()
    made.give_back(pair)
    clock.now = 5.0
    again = made.take()
    # The first owner comes once more, with its old sockets.
    made.give_back(pair)
    assert made.in_use == 1
    made.give_back(again)
    assert (made.in_use, network.open) == (0, 0)


def test_ports_of_other_processes_are_passed_over_and_leave_nothing_open(clock: Clock, network: FakeNetwork) -> None:
    network.taken = {16384, 16387}
    made = ports(clock, network)
    assert {made.take().port for _ in range(2)} == {16388, 16390}
    assert network.open == 4
    with pytest.raises(NoPortLeft):
        made.take()
    network.taken.clear()
    clock.now = 5.0
    assert {made.take().port for _ in range(2)} == {16384, 16386}


def test_the_order_is_not_to_be_guessed(clock: Clock, network: FakeNetwork) -> None:
    orders = {tuple(ports(clock, network, last=16483)._free) for _ in range(3)}
    assert len(orders) == 3
