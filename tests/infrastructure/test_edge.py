"""CloudFront in front of the streams: one way in, nothing kept, an address that browsers and carriers trust."""

from __future__ import annotations

from typing import Any

import pytest

from stacks.config import Config
from tests.infrastructure.assembly import IMAGE, Assembly, synthesize, text

# AWS's own policies, by the ids under which they are published.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return synthesize(tmp_path_factory.mktemp("cdk.out"), Config(image=IMAGE, edge=True))


def behavior(edge: Assembly) -> dict[str, Any]:
    distribution = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]
    found: dict[str, Any] = distribution["DefaultCacheBehavior"]
    return found


def test_the_balancer_is_reached_through_it_and_in_no_other_way(edge: Assembly) -> None:
    balancer = edge.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer.properties["Scheme"] == "internal"
    way = edge.only("AWS::CloudFront::VpcOrigin").properties["VpcOriginEndpointConfig"]
    assert way["Arn"] == {"Ref": balancer.id}
    assert (way["OriginProtocolPolicy"], way["HTTPPort"]) == ("http-only", 80)
    (origin,) = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]["Origins"]
    assert origin["VpcOriginConfig"]["VpcOriginId"] == {
        "Fn::GetAtt": [edge.only("AWS::CloudFront::VpcOrigin").id, "Id"]
    }


def test_sockets_are_handed_on_with_their_headers_and_nothing_is_kept(edge: Assembly) -> None:
    found = behavior(edge)
    assert found["CachePolicyId"] == CACHING_DISABLED
    assert found["OriginRequestPolicyId"] == ALL_VIEWER
    assert found["ViewerProtocolPolicy"] == "https-only"


def test_clients_are_told_the_address_of_the_edge(edge: Assembly) -> None:
    distribution = edge.only("AWS::CloudFront::Distribution")
    told = text(edge.function("rest.app").properties["Environment"]["Variables"]["STREAM_BASE_URL"])
    assert told.startswith("wss://<")
    assert distribution.id in told
    assert distribution.id in text(edge.templates["media"]["Outputs"]["StreamUrl"]["Value"])


def test_every_finding_is_answered_for(edge: Assembly) -> None:
    for plugin in edge.report["pluginReports"]:
        assert plugin["conclusion"] == "success", plugin["violations"]


@pytest.mark.parametrize(
    "beside",
    [
        {"stream_base_url": "wss://stream.example.com"},
        {
            "certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
            "stream_base_url": "wss://stream.example.com",
        },
    ],
)
def test_an_address_beside_it_is_refused(beside: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="edge=true brings an address"):
        Config.model_validate({"edge": "true", **beside})
