from __future__ import annotations

from media_worker.sip.floodgate import Allowance, Floodgate
from tests.fakes.sip_messages import Timers


def test_so_many_at_once_and_so_many_a_second_for_each_address() -> None:
    timers = Timers()
    allowance = Allowance(burst=3, per_s=2, time=timers.time)
    assert [allowance.take("a") for _ in range(4)] == [True, True, True, False]
    assert allowance.take("b")
    timers.pass_s(0.5)
    assert [allowance.take("a") for _ in range(2)] == [True, False]


def test_addresses_are_forgotten_before_they_fill_memory() -> None:
    allowance = Allowance(burst=1, per_s=0.001, time=Timers().time)
    for number in range(20_000):
        allowance.take(str(number))
    assert len(allowance) == 10_000


def test_a_guesser_is_not_heard_until_he_has_waited() -> None:
    timers = Timers()
    gate = Floodgate(timers.time)
    for _ in range(20):
        assert gate.admits("a")
        gate.failed("a")
    assert not gate.admits("a")
    assert gate.admits("b")
    timers.pass_s(6)
    assert gate.admits("a")


def test_a_flood_from_one_address_leaves_the_others_alone() -> None:
    gate = Floodgate(Timers().time)
    assert sum(gate.admits("a") for _ in range(1000)) == 400
    assert gate.admits("b")
