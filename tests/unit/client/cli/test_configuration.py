from __future__ import annotations

import json
from pathlib import Path

import pytest

from kallglot.cli.configuration import configuration
from kallglot.cli.problems import UsageProblem

THERE = {"KALLGLOT_API_URL": "https://api.example.com", "KALLGLOT_API_KEY": "sk_live_1"}
HERE = {"api_url": "http://127.0.0.1:8787/v1", "api_key": "sk_test_local", "events_url": "ws://127.0.0.1:1/x"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Inside a checkout in which `make run` runs."""
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "run.json").write_text(json.dumps(HERE))
    inside = tmp_path / "docs" / "adr"
    inside.mkdir(parents=True)
    return inside


def test_flags_win_over_the_environment_and_both_over_what_runs_here(checkout: Path) -> None:
    chosen = configuration("https://other.example", None, THERE, checkout)
    assert (chosen.api_url, chosen.api_key, chosen.is_local) == ("https://other.example", "sk_live_1", False)
    assert configuration(None, None, THERE, checkout).api_url == "https://api.example.com"


def test_what_runs_here_is_found_from_inside_its_checkout(checkout: Path) -> None:
    chosen = configuration(None, None, {}, checkout)
    assert (chosen.api_url, chosen.api_key, chosen.events_url) == tuple(HERE.values())
    assert chosen.is_local


def test_another_key_may_be_tried_on_it(checkout: Path) -> None:
    chosen = configuration(None, "sk_test_other", {}, checkout)
    assert (chosen.api_url, chosen.api_key) == (HERE["api_url"], "sk_test_other")


@pytest.mark.parametrize("missing", THERE)
def test_half_an_environment_is_never_completed_from_what_runs_here(checkout: Path, missing: str) -> None:
    half = {name: value for name, value in THERE.items() if name != missing}
    with pytest.raises(UsageProblem, match=f"{missing} is missing"):
        configuration(None, None, half, checkout)


def test_without_any_of_them_it_is_said_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="make run"):
        configuration(None, None, {}, tmp_path)


def test_a_broken_file_is_no_file(checkout: Path) -> None:
    (checkout.parents[1] / ".local" / "run.json").write_text("{")
    with pytest.raises(UsageProblem):
        configuration(None, None, {}, checkout)
