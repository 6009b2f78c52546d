from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import kallglot
from kallglot.about import VERSION

PROJECT = Path(__file__).parents[3] / "client" / "pyproject.toml"


@pytest.mark.parametrize("name", kallglot.__all__)
def test_every_name_of_the_package_is_there(name: str) -> None:
    assert getattr(kallglot, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute Nonsense"):
        kallglot.Nonsense  # type: ignore[attr-defined]  # noqa: B018


def test_the_version_is_that_of_the_distribution() -> None:
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == VERSION


def test_no_name_loads_what_it_does_not_need() -> None:
    loaded = "import sys, kallglot; kallglot.KallglotError; print('httpx' in sys.modules, 'websockets' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True).split() == ["False", "False"]
