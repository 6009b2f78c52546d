from __future__ import annotations

import pytest


@pytest.fixture(params=["blocking", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two clients: the same suite holds for both."""
    return str(request.param)
