"""One host in front of streams, requests and page: what goes where, that nothing of it is kept, who is told of it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from stacks import carriers
from stacks.api import ROUTES
from stacks.config import Config
from tests.infrastructure.assembly import Assembly, text

# AWS's own policies, by the ids under which they are published.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def distribution(edge: Assembly) -> dict[str, Any]:
    found: dict[str, Any] = edge.only("AWS::CloudFront::Distribution").properties["DistributionConfig"]
    return found


def behavior(edge: Assembly, path: str) -> dict[str, Any]:
    """As CloudFront chooses: the first pattern that fits."""
    config = distribution(edge)
    fitting = (each for each in config["CacheBehaviors"] if fnmatchcase(path, each["PathPattern"]))
    found: dict[str, Any] = next(fitting, config["DefaultCacheBehavior"])
    return found


def origin(edge: Assembly, path: str) -> dict[str, Any]:
    wanted = behavior(edge, path)["TargetOriginId"]
    (found,) = (each for each in distribution(edge)["Origins"] if each["Id"] == wanted)
    return dict(found)


def test_streams_go_to_the_balancer_which_is_reached_in_no_other_way(edge: Assembly) -> None:
    balancer = edge.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer.properties["Scheme"] == "internal"
    way = edge.only("AWS::CloudFront::VpcOrigin")
    endpoint = way.properties["VpcOriginEndpointConfig"]
    assert balancer.id in text(endpoint["Arn"])
    assert (endpoint["OriginProtocolPolicy"], endpoint["HTTPPort"]) == ("http-only", 80)
    found = origin(edge, "/v1/sessions/sess_1/connect")
    assert found["VpcOriginConfig"]["VpcOriginId"] == {"Fn::GetAtt": [way.id, "Id"]}


def test_every_route_of_the_api_goes_to_its_stage(edge: Assembly) -> None:
    api = edge.only("AWS::ApiGateway::RestApi")
    for path in [*(route.path for route in ROUTES), *carriers.PATHS]:
        found = origin(edge, path)
        assert text(found["DomainName"]) == f"<{api.id}>.execute-api.<AWS::Region>.<AWS::URLSuffix>"
        assert found["OriginPath"] == "/api"
        assert found["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


@pytest.mark.parametrize(
    ("path", "forwards"), [("/v1/sessions/sess_1/connect", ALL_VIEWER), ("/v1/sessions", ALL_VIEWER_EXCEPT_HOST)]
)
def test_what_is_asked_is_handed_on_with_its_headers_and_nothing_is_kept(
    edge: Assembly, path: str, forwards: str
) -> None:
    found = behavior(edge, path)
    assert (found["CachePolicyId"], found["OriginRequestPolicyId"]) == (CACHING_DISABLED, forwards)
    assert found["ViewerProtocolPolicy"] == "https-only"


def test_every_method_of_the_api_comes_through(edge: Assembly) -> None:
    assert {route.method for route in ROUTES} < set(behavior(edge, "/v1/sessions")["AllowedMethods"])


def test_an_error_of_one_is_not_told_to_the_next(edge: Assembly) -> None:
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in distribution(edge)["CustomErrorResponses"]}
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504), 0)


def test_everybody_is_told_the_address_of_the_edge(edge: Assembly) -> None:
    host = f"<{edge.only('AWS::CloudFront::Distribution').id}.DomainName>"
    outputs = {name: text(told["Value"]) for name, told in edge.templates["api"]["Outputs"].items()}
    assert outputs["ApiUrl"] == f"https://{host}/v1"
    assert outputs["StreamUrl"] == f"wss://{host}"
    assert "StreamUrl" not in edge.templates["media"]["Outputs"]
    assert outputs["ConsoleUrl"] == f"https://{host}/"
    environment = edge.function("rest.app").properties["Environment"]["Variables"]
    assert text(environment["STREAM_BASE_URL"]) == f"wss://{host}"
    assert text(environment["DOCS_URL"]) == f"https://{host}/v1/docs"


def test_carriers_are_given_the_address_that_their_signatures_are_checked_with(edge: Assembly) -> None:
    name = edge.only("AWS::CloudFront::Distribution").id
    for module in ("telephony.webhooks", "telephony.dial"):
        environment = edge.function(module).properties["Environment"]["Variables"]
        assert text(environment["PUBLIC_URL"]).startswith("https://<") and name in text(environment["PUBLIC_URL"])
        assert text(environment["STREAM_BASE_URL"]).startswith("wss://<")


def test_without_it_there_is_no_page_and_every_part_has_its_own_address(deployment: Assembly) -> None:
    assert not deployment.resources("AWS::CloudFront::Distribution")
    assert not deployment.resources("AWS::S3::Bucket", "api")
    assert "ConsoleBucket" not in deployment.templates["api"]["Outputs"]
    assert text(deployment.templates["media"]["Outputs"]["StreamUrl"]["Value"]).startswith("ws://<")


@pytest.mark.parametrize(
    "beside",
    [
        {"stream_base_url": "wss://stream.example.com"},
        {"api_base_url": "https://api.example.com"},
        {
            "certificate": "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
            "stream_base_url": "wss://stream.example.com",
        },
    ],
)
def test_an_address_beside_it_is_refused(beside: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="edge=true brings an address"):
        Config.model_validate({"edge": "true", **beside})
