"""Onto the bus, at once or later."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Unavailable
from core.ports import Kept
from core.services.events import WAITED, EventRelay, Republished, Republishing
from tests.builders import an_event
from tests.fakes.clocks import START, FakeClock
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.watchers import FakeBus

IDS = [f"evt_{number:02d}" for number in range(25)]
LATER = START + timedelta(minutes=5)


def outbox_of(*unreadable: str) -> tuple[MemoryOutbox, list[Kept]]:
    outbox = MemoryOutbox()
    return outbox, [outbox.put(key, None if key in unreadable else an_event(key), START) for key in IDS]


def told(bus: FakeBus) -> list[str]:
    return [event.id for event in bus.taken]


class TestRelay:
    def test_all_events_go_onto_the_bus_in_order_and_are_noted(self) -> None:
        bus, (outbox, kept) = FakeBus(), outbox_of()

        assert EventRelay(bus, outbox).relay(kept) == 25
        assert told(bus) == IDS
        assert outbox.left == []

    @pytest.mark.parametrize(("refuses", "done"), [("evt_00", 0), ("evt_09", 0), ("evt_10", 10), ("evt_24", 20)])
    def test_it_stops_at_the_first_group_the_bus_does_not_take(self, refuses: str, done: int) -> None:
        bus, (outbox, kept) = FakeBus(refuses), outbox_of()

        assert EventRelay(bus, outbox).relay(kept) == done
        assert not any(event.id > refuses for event in bus.taken)
        assert outbox.left == IDS[done:]

    def test_what_nobody_can_read_holds_up_nothing_and_is_not_forgotten(self) -> None:
        bus, (outbox, kept) = FakeBus(), outbox_of("evt_03", "evt_24")

        assert EventRelay(bus, outbox).relay(kept) == 25
        assert told(bus) == [key for key in IDS if key not in ("evt_03", "evt_24")]
        assert outbox.left == ["evt_03", "evt_24"]

    def test_what_is_on_the_bus_and_could_not_be_noted_is_not_told_again_by_the_stream(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        bus, (outbox, kept) = FakeBus(), outbox_of()
        outbox.silent = True

        assert EventRelay(bus, outbox).relay(kept) == 25
        assert [record.getMessage() for record in caplog.records] == ["published and not noted"]
        assert outbox.left == IDS


class TestRepublishing:
    def run(
        self, bus: FakeBus, outbox: MemoryOutbox, after: timedelta = WAITED, clock: FakeClock | None = None
    ) -> Republished:
        clock = clock or FakeClock(START + after + timedelta(seconds=1))
        return Republishing(bus, outbox, clock).run(clock.now() + timedelta(minutes=4))

    def test_what_got_lost_is_told_and_then_not_lost_any_more(self) -> None:
        bus, (outbox, _) = FakeBus(), outbox_of()

        assert self.run(bus, outbox) == Republished(found=25, published=25)
        assert told(bus) == IDS
        assert self.run(bus, outbox) == Republished()

    def test_what_the_stream_may_still_be_trying_is_left_to_it(self) -> None:
        bus, (outbox, _) = FakeBus(), outbox_of()

        assert self.run(bus, outbox, after=timedelta(minutes=14)) == Republished()
        assert bus.taken == []

    def test_what_nobody_can_read_and_what_the_bus_refuses_hold_up_nothing_and_are_named(self) -> None:
        bus, (outbox, _) = FakeBus("evt_12", "evt_24"), outbox_of("evt_03")

        made = self.run(bus, outbox)

        assert (made.found, made.published) == (25, 22)
        assert (made.unreadable, made.refused) == (["evt_03"], ["evt_12", "evt_24"])
        assert set(told(bus)) == set(IDS) - {"evt_03", "evt_12", "evt_24"}
        assert outbox.left == ["evt_03", "evt_12", "evt_24"]

    def test_a_bus_that_takes_nothing_is_an_error_and_nothing_is_lost(self) -> None:
        bus, (outbox, _) = FakeBus(), outbox_of()
        bus.down = True

        with pytest.raises(Unavailable):
            self.run(bus, outbox)

        assert outbox.left == IDS

    def test_when_it_cannot_be_noted_it_fails_rather_than_telling_the_same_for_ever_in_silence(self) -> None:
        bus, (outbox, _) = FakeBus(), outbox_of()
        outbox.silent = True

        with pytest.raises(Unavailable):
            self.run(bus, outbox)

    def test_it_stops_in_time_and_goes_on_the_next_time(self) -> None:
        clock = FakeClock(START + WAITED + timedelta(seconds=1))

        class SlowBus(FakeBus):
            def publish(self, events: object) -> None:
                super().publish(events)  # type: ignore[arg-type]
                clock.advance(150)

        bus, (outbox, _) = SlowBus(), outbox_of()

        assert self.run(bus, outbox, clock=clock) == Republished(found=20, published=20, finished=False)
        assert self.run(bus, outbox, clock=clock) == Republished(found=5, published=5)
        assert told(bus) == IDS
