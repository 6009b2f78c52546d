"""What `-c profile=…` decides, and what happens to a value that means nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from pydantic import ValidationError

from stacks.config import Config
from stacks.profile import PROFILES
from stacks.refused_settings import refusal
from tests.infrastructure.assembly import ROOT, Assembly, context


def zones(assembly: Assembly) -> int:
    return len({json.dumps(s.properties["AvailabilityZone"]) for s in assembly.resources("AWS::EC2::Subnet")})


def test_a_trial_costs_nothing_idle_and_production_stands_in_three_zones(
    deployment: Assembly, production: Assembly
) -> None:
    assert (zones(deployment), zones(production)) == (2, 3)
    assert (Config().workers, Config(profile="prod").workers) == ((1, 4), (2, 20))
    assert (Config().nat_gateways, Config(profile="prod").nat_gateways) == (0, 3)


def test_what_is_said_goes_before_what_the_profile_says() -> None:
    config = Config(profile="prod", zones=2, min_tasks=3)
    assert (config.zone_count, config.nat_gateways, config.workers) == (2, 2, (3, 20))
    assert Config(profile="prod", nat=0).nat_gateways == 0
    assert Config(nat=1).nat_gateways == 1


def test_logs_say_less_and_last_longer_in_production(deployment: Assembly, production: Assembly) -> None:
    for assembly, level in ((deployment, "INFO"), (production, "WARNING")):
        (container,) = assembly.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
        assert {"Name": "LOG_LEVEL", "Value": level} in container["Environment"]
        assert assembly.function("rest.app").properties["Environment"]["Variables"]["LOG_LEVEL"] == level


def test_the_laptop_differs_from_a_trial_in_its_targets_and_its_model_and_is_neither_shown_nor_scaled() -> None:
    dev, local = PROFILES["dev"], PROFILES["local"]
    differs = {name for name in type(dev).__slots__ if getattr(dev, name) != getattr(local, name)}
    assert differs == {"local_targets", "dashboard", "max_tasks", "sip_max_tasks", "language_model"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"profile": "staging"}, "  -c profile=staging: it should be 'dev', 'prod' or 'local'"),
        ({"min_tasks": "5", "max_tasks": "3"}, "  min_tasks=5 is more than max_tasks=3"),
        (
            {"min_tasks": "0"},
            "  min_tasks=0: where no worker tells its load, none is ever started; for none, max_tasks=0",
        ),
        ({"nat": "many"}, "  -c nat=many: it should be a valid integer, unable to parse string as an integer"),
        ({"engine_fallback": "embedded"}, "  engine_fallback=embedded are the engines that it should step in for"),
    ],
)
def test_a_value_that_is_not_taken_is_named_with_what_is_expected(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Config.model_validate(given)
    assert refusal(refused.value).splitlines() == ["this cannot be deployed:", said]


def test_a_synthesis_that_is_refused_ends_with_a_sentence_and_writes_nothing() -> None:
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps({**context(), "profile": "staging"})}
    made = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode == 1
    assert "-c profile=staging: it should be" in made.stderr
    assert "Traceback" not in made.stderr
