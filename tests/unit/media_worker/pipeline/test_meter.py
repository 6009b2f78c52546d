from __future__ import annotations

from core.domain.sessions import Usage
from media_worker.pipeline.meter import Meter


def test_two_three_minute_calls_in_one_session_are_six_minutes() -> None:
    meter = Meter(Usage(), translating=True)
    meter.run(0)
    meter.pause(180)
    meter.run(1000)
    meter.pause(1180)
    assert meter.read(5000) == Usage(active_s=360, translation_s=360)


def test_translation_is_metered_only_while_it_is_on() -> None:
    meter = Meter(Usage(), translating=True)
    meter.run(0)
    meter.translate(60, False)
    meter.translate(90, True)
    assert meter.read(100) == Usage(active_s=100, translation_s=70)


def test_a_session_taken_over_goes_on_counting_from_what_was_stored() -> None:
    meter = Meter(Usage(active_s=100, translation_s=50, ai_agent_s=3), translating=False)
    meter.run(10)
    assert meter.read(15) == Usage(active_s=105, translation_s=50, ai_agent_s=3)


def test_running_twice_counts_once() -> None:
    meter = Meter(Usage(), translating=False)
    meter.run(0)
    meter.run(5)
    assert meter.read(10).active_s == 10


def test_nothing_is_counted_before_the_first_audio() -> None:
    assert Meter(Usage(), translating=True).read(100) == Usage()
