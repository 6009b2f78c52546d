from __future__ import annotations

import pytest

from media_worker.agent.backchannels import is_backchannel


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("uh-huh", "en"),
        ("Yes.", "en"),
        ("I see, right.", "en"),
        ("Ja, genau.", "de"),
        ("mhm", "fi"),
        ("Sí, claro", "es"),
    ],
)
def test_who_shows_that_they_listen_wants_to_hear_more(text: str, language: str) -> None:
    assert is_backchannel(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("no", "en"),
        ("stop", "en"),
        ("yes but wait", "en"),
        ("", "en"),
        ("ja", "en"),
        ("yes yes yes yes yes", "en"),
        ("42", "en"),
    ],
)
def test_anything_else_is_a_turn(text: str, language: str) -> None:
    assert not is_backchannel(text, language)
