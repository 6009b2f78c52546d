import logging

import pytest

from media_worker.engines.base import EngineError, LanguageNotServed
from media_worker.engines.failures import failed, raised, translated


def test_an_engine_error_crosses_the_border_with_its_class() -> None:
    for error in (EngineError("busy", retryable=True), LanguageNotServed("speech_unavailable")):
        back = raised(failed(1, error))
        assert (type(back), back.code, back.retryable) == (type(error), error.code, error.retryable)


def test_a_foreign_error_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        try:
            raise ValueError("my card number is 4111")
        except ValueError as error:
            assert translated(error).code == "engine_failed"
    assert "ValueError" in caplog.text
    assert "4111" not in caplog.text
