"""What the dashboard says a session-minute costs: its arithmetic, with numbers of which the answer is known."""

from __future__ import annotations

import pytest

from bench.costs import ENDPOINTS, FIREWALLS, ZONES, gateways_month
from stacks.config import Config
from stacks.prices import HOURS_PER_MONTH, Prices
from stacks.running_costs import a_session_minute, an_hour, fixed_h, sip_h, worker_h

PRICES = Prices()


def reckoned(expression: str, **counts: float) -> float:
    """As CloudWatch would: `IF` is the one function in it."""
    return float(eval(expression, {"IF": lambda test, value: value if test else float("nan"), **counts}))


def five_minutes(workers: int, sessions: int) -> dict[str, float]:
    """Each worker has said its sessions once a minute: how often that was, and the sum."""
    return {"running": 5 * workers, "held": 5 * sessions}


def test_a_session_minute_is_what_runs_shared_by_the_sessions_that_are_there() -> None:
    config = Config()
    said = reckoned(a_session_minute(config, PRICES).expression, **five_minutes(workers=2, sessions=4))
    assert said == pytest.approx((2 * PRICES.task_h + PRICES.alb_h) / 60 / 4, rel=1e-3)
    hour = reckoned(an_hour(config, PRICES).expression, **five_minutes(workers=2, sessions=4))
    assert said * 60 * 4 == pytest.approx(hour, rel=1e-6)


def test_without_sessions_there_is_nothing_to_share() -> None:
    with pytest.raises(ZeroDivisionError):
        reckoned("running / held", **five_minutes(workers=2, sessions=0))
    assert a_session_minute(Config(), PRICES).expression.startswith("IF(held > 0, ")


def test_managed_engines_are_paid_for_by_the_minute() -> None:
    busy = five_minutes(workers=1, sessions=1)
    costs = [a_session_minute(Config(engines=engines), PRICES).expression for engines in ("embedded", "aws")]
    ours, theirs = (reckoned(cost, **busy) for cost in costs)
    assert theirs - ours == pytest.approx(PRICES.managed_engines_min)


def test_production_has_the_network_that_the_table_of_costs_has() -> None:
    firewalls_h = FIREWALLS * PRICES.firewall_month / HOURS_PER_MONTH
    network_h = ZONES * (PRICES.nat_h + ENDPOINTS * PRICES.endpoint_h)
    assert fixed_h(Config(profile="prod"), PRICES) == pytest.approx(PRICES.alb_h + network_h + firewalls_h)


def test_calls_by_sip_cost_a_balancer_its_addresses_and_the_fewest_gateways() -> None:
    gateway_h = 0.5 * 0.04048 + 1 * 0.004445 + 0.005
    added_h = fixed_h(Config(sip=True, sip_min_tasks=3), PRICES) - fixed_h(Config(), PRICES)
    assert added_h == pytest.approx(0.0225 + 2 * 0.005 + 3 * gateway_h)


def test_production_has_the_gateways_that_the_guide_reckons() -> None:
    assert sip_h(Config(profile="prod", sip=True), PRICES) * HOURS_PER_MONTH == pytest.approx(gateways_month(PRICES))
    assert sip_h(Config(profile="prod"), PRICES) == 0


def test_a_worker_costs_what_it_runs_on() -> None:
    assert worker_h(Config(), PRICES) == pytest.approx(2 * 0.04048 + 8 * 0.004445)
    assert worker_h(Config(gpu="whole"), PRICES) == PRICES.gpu_h
