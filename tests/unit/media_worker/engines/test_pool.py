import pytest

from media_worker.engines.pool import Restarts


def test_the_first_restart_is_immediate_and_the_pauses_then_grow_to_a_limit() -> None:
    restarts = Restarts(first_pause_s=0.2, longest_pause_s=10.0)
    assert [restarts.pause_s(failures) for failures in range(5)] == [0.0, 0.0, 0.2, 0.4, 0.8]
    assert restarts.pause_s(1000) == pytest.approx(10.0)
