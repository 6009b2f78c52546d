"""The real clock and the real dice."""

from __future__ import annotations

from datetime import UTC

from core.adapters.system import RandomIds, SystemClock
from tests.fakes.clocks import FakeClock


def test_the_clock_tells_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_identifiers_carry_their_prefix_sort_by_time_and_never_repeat() -> None:
    clock = FakeClock()
    ids = RandomIds(clock)
    earlier = [ids.new("sess") for _ in range(50)]
    clock.advance(0.001)
    later = ids.new("sess")

    assert len(set(earlier)) == 50
    assert all(made.startswith("sess_") and len(made) == 31 for made in earlier)
    assert max(earlier) < later
