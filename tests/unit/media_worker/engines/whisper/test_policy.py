import pytest

from media_worker.engines.whisper.policy import DEFAULT, POLICIES


@pytest.mark.parametrize(
    ("heard_s", "last_s", "due"), [(3.9, None, False), (4.0, None, True), (4.9, 4.0, False), (5.0, 4.0, True)]
)
def test_an_utterance_is_heard_again_when_enough_has_come(heard_s: float, last_s: float | None, due: bool) -> None:
    assert POLICIES["balanced"].due(heard_s, last_s) is due


def test_sooner_means_less_sure() -> None:
    low, balanced, quality = (POLICIES[name] for name in ("low", "balanced", "quality"))
    assert low.first_s < balanced.first_s <= quality.first_s
    assert low.step_s < balanced.step_s < quality.step_s
    assert low.rounds <= balanced.rounds < quality.rounds
    assert DEFAULT in POLICIES
