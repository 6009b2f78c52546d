"""What is reckoned of costs, and that the guide says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.costs import Engines, behind_edge, beside_engines, by_sip, gateways_month, main, row, rows, table
from stacks.prices import Prices

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


def test_the_guide_has_the_table_as_it_is_reckoned() -> None:
    assert table(rows(Prices())) in OPERATIONS.read_text(encoding="utf-8")


def test_the_guide_says_what_the_edge_adds_to_a_minute() -> None:
    assert f"adds {sum(behind_edge(Prices()).values()):.5f} $ a minute" in OPERATIONS.read_text(encoding="utf-8")


def test_the_guide_says_what_sip_costs_by_the_month_and_by_the_minute() -> None:
    guide = OPERATIONS.read_text(encoding="utf-8")
    assert f"(`prod`: {gateways_month(Prices()):.0f} $)" in guide
    assert f"costs {-sum(by_sip(Prices()).values()):.5f} $ a minute less" in guide


def test_sound_by_sip_is_less_than_half_of_a_carriers_stream() -> None:
    assert by_sip(Prices())["sound that leaves"] == pytest.approx((0.0006 - 0.0012) * 0.09)


def test_machines_are_as_many_as_sessions_need_seven_tenths_full_and_never_one() -> None:
    engines = Engines("any", 10, 1.0, "measured")
    assert [row(engines, sessions, Prices()).machines for sessions in (1, 14, 15, 700)] == [2, 2, 3, 100]


def test_a_month_is_machines_and_minutes() -> None:
    free = replace(Prices(), **dict.fromkeys(beside_engines_prices(), 0.0))
    reckoned = row(Engines("any", 10, 1.0, "measured", per_min=0.5), 14, free)
    assert reckoned.month == 2 * 730 + 14 * 60 * 730 * 0.5
    assert reckoned.minute == pytest.approx(reckoned.month / (14 * 60 * 730), abs=1e-5)


def beside_engines_prices() -> list[str]:
    return [name for name in Prices.__dataclass_fields__ if not name.startswith(("fargate", "gpu", "managed"))]


def test_json_says_what_the_table_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["rows"]) == len(rows(Prices())) and told["beside_engines"] == beside_engines(Prices())
    assert told["behind_edge"] == behind_edge(Prices()) and told["by_sip"] == by_sip(Prices())
