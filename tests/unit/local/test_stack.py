from __future__ import annotations

import pytest

from local.stack import ENGINES_VARIABLE, _engines


@pytest.mark.parametrize(("chosen", "context"), [("scripted", {"engines": "scripted"}), ("", {}), (None, {})])
def test_the_environment_chooses_the_engines_and_the_stacks_do_otherwise(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, context: dict[str, str]
) -> None:
    monkeypatch.delenv(ENGINES_VARIABLE, raising=False)
    if chosen is not None:
        monkeypatch.setenv(ENGINES_VARIABLE, chosen)

    assert _engines() == context
