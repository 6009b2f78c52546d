from __future__ import annotations

import pytest

from local.stack import ENGINES_VARIABLE, _engines


@pytest.mark.parametrize(("chosen", "context"), [("scripted", {"engines": "scripted"}), ("", {}), (None, {})])
def test_the_environment_chooses_the_engines_and_the_stacks_do_otherwise(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, context: dict[str, str]
) -> None:
    for variable in (ENGINES_VARIABLE, "LANGUAGE_MODEL", "LANGUAGE_MODEL_OPTIONS"):
        monkeypatch.delenv(variable, raising=False)
    if chosen is not None:
        monkeypatch.setenv(ENGINES_VARIABLE, chosen)

    assert _engines() == context


def test_the_environment_chooses_the_language_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENGINES_VARIABLE, raising=False)
    monkeypatch.setenv("LANGUAGE_MODEL", "openai")
    monkeypatch.setenv("LANGUAGE_MODEL_OPTIONS", '{"model": "m"}')

    assert _engines() == {"language_model": "openai", "language_model_options": '{"model": "m"}'}
