import pytest

from media_worker.engines.base import EngineError, LanguageNotServed
from media_worker.engines.patience import Patience, may_pass, others_may
from media_worker.pipeline.equipment import Limits


def test_pauses_lie_anywhere_below_a_limit_that_doubles() -> None:
    patience = Patience(first_pause_s=0.1, longest_pause_s=0.5)
    assert [patience.pause_s(failures, lambda: 1.0) for failures in (1, 2, 3, 4, 100)] == [0.1, 0.2, 0.4, 0.5, 0.5]
    assert patience.pause_s(3, lambda: 0.25) == pytest.approx(0.1)


def test_it_ends_before_the_pipeline_stops_waiting() -> None:
    assert max(Patience().answer_s, Patience().finish_s) < Limits().engine_wait_s


@pytest.mark.parametrize(
    ("error", "again", "others"),
    [
        (EngineError("engine_process_died", retryable=True), True, True),
        (EngineError("engine_failed"), False, True),
        (EngineError("recogniser_overloaded", retryable=True), False, True),
        (EngineError("text_too_long"), False, False),
        (LanguageNotServed("translation_unavailable"), False, False),
    ],
)
def test_what_is_worth_trying_again_and_what_is_worth_trying_elsewhere(
    error: EngineError, again: bool, others: bool
) -> None:
    assert (may_pass(error), others_may(error)) == (again, others)
