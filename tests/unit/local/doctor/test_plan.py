"""What settings ask of an account."""

from __future__ import annotations

import pytest

from local.doctor.plan import BadSettings, planned


def test_settings_are_those_of_the_deployment() -> None:
    plan = planned(["stage=live", "gpu=whole", "image=registry.example/kallglot:1", "nat=2", "webhook_concurrency=20"])
    assert (plan.prefix, plan.builds_image, plan.uses_gpu) == ("kallglot-live", False, True)
    assert (plan.nat_gateways, plan.functions_at_once) == (2, 70)
    assert plan.vcpus == (plan.most_tasks + 1) * 4


def test_gateways_for_sip_take_half_a_processor_each() -> None:
    without, with_sip = planned(["max_tasks=4"]), planned(["max_tasks=4", "sip=true", "sip_max_tasks=5"])
    assert without.vcpus == 10
    assert (with_sip.most_gateways, with_sip.vcpus) == (5, 13)
    assert planned(["gpu=whole", "sip=true"]).vcpus == planned(["gpu=whole"]).vcpus


def test_an_edge_with_a_firewall_or_a_log_has_a_part_in_a_region_of_its_own() -> None:
    assert planned(["edge=true", "profile=prod"]).regions_beside == ("us-east-1",)
    assert planned(["edge=true", "edge_log=true"]).regions_beside == ("us-east-1",)
    assert planned(["edge=true"]).regions_beside == planned(["profile=prod"]).regions_beside == ()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("gpu", "'gpu' is not key=value"),
        ("=1", "'=1' is not key=value"),
        ("colour=red", "there is no setting colour"),
        ("nat=9", "nat: Input should be less than"),
        ("engines=whisper", "needs image=<uri>"),
    ],
)
def test_what_no_deployment_takes_is_said(setting: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        planned([setting])
