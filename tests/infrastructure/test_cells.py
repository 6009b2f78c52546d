"""Two copies of a deployment in one account and region: neither takes a name, an address or a right from the other."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from stacks.config import Config
from tests.infrastructure.assembly import Assembly, Resource, as_list, strings, text

# Names inside something that has a name of its own.
INNER = {
    "AWS::ApiGateway::Authorizer",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ECS::TaskDefinition",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Policy",
}


def names(assembly: Assembly) -> Iterator[tuple[str, str]]:
    """What is named by us, by kind; two of one kind and name cannot be in one account and region."""
    for resource in assembly.resources():
        for key, value in resource.properties.items():
            if isinstance(value, str) and key.endswith("Name") and key != "MetricName" and resource.kind not in INNER:
                yield resource.kind, value
        if resource.kind in ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Events::EventBus"):
            yield resource.kind, resource.properties["Name"]


def inbox_grant(role: Resource, assembly: Assembly) -> str:
    (found,) = {
        text(resource).rpartition(":")[2]
        for statement in assembly.statements(role)
        for resource in as_list(statement["Resource"])
        if "inbox" in text(resource)
    }
    return found


def test_without_a_cell_everything_has_the_name_that_it_always_had(deployment: Assembly) -> None:
    assert set(deployment.templates) >= {"network", "data", "media", "api", "events"}
    assert dict(names(deployment)) == {
        "AWS::ApiGateway::RestApi": "kallglot-dev-rest",
        "AWS::ApiGatewayV2::Api": "kallglot-dev-events",
        "AWS::CloudWatch::Dashboard": "kallglot-dev",
        "AWS::Events::EventBus": "kallglot-dev-events",
    }
    assert "Name" not in deployment.only("AWS::ElasticLoadBalancingV2::LoadBalancer").properties


def test_no_name_and_no_export_is_in_both(deployment: Assembly, cell: Assembly) -> None:
    assert set(cell.templates) == set(deployment.templates)
    assert {path.name for path in cell.folder.glob("*.template.json")}.isdisjoint(
        path.name for path in deployment.folder.glob("*.template.json")
    )
    assert set(names(cell)).isdisjoint(names(deployment))
    exported = [
        {output["Export"]["Name"] for template in assembly.templates.values() for output in _exports(template)}
        for assembly in (deployment, cell)
    ]
    assert exported[0]
    assert exported[0].isdisjoint(exported[1])


def test_nothing_in_a_cell_speaks_of_the_deployment_without_one(cell: Assembly) -> None:
    for name, template in cell.templates.items():
        for found in strings(template["Resources"]):
            assert "kallglot-dev" not in found.replace("kallglot-dev-c1", ""), (name, found)


def test_a_worker_commands_and_a_role_reads_in_its_own_cell_only(deployment: Assembly, cell: Assembly) -> None:
    function = "scheduled.sweep"
    outer = inbox_grant(deployment.role_of(deployment.function(function)), deployment)
    inner = inbox_grant(cell.role_of(cell.function(function)), cell)
    assert (outer, inner) == ("kallglot-dev-inbox-*", "kallglot-dev-c1-inbox-*")
    assert not fnmatchcase("kallglot-dev-c1-inbox-worker_1", outer)
    assert not fnmatchcase("kallglot-dev-inbox-worker_1", inner)


def test_what_clients_are_told_to_connect_to_carries_the_cell(cell: Assembly) -> None:
    balancer = cell.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer.properties["Name"] == "kallglot-dev-c1"
    told = cell.function("rest.app").properties["Environment"]["Variables"]["STREAM_BASE_URL"]
    assert balancer.id in text(told)
    named = Config(
        cell="c1", stream_base_url="wss://{cell}.stream.example.com", api_base_url="https://{cell}.example.com"
    )
    assert (named.stream_origin, named.api_origin) == ("wss://c1.stream.example.com", "https://c1.example.com")
    assert Config(stream_base_url="wss://stream.example.com").stream_origin == "wss://stream.example.com"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cell": "c1", "stream_base_url": "wss://stream.example.com"}, "stream_base_url=.* must have {cell}"),
        ({"cell": "c1", "api_base_url": "https://api.example.com"}, "api_base_url=.* must have {cell}"),
        ({"stream_base_url": "wss://{cell}.example.com"}, "none is given: cell=<name>"),
        ({"cell": "c1", "name": "a-company-of-renown", "stage": "production"}, "more than 32 characters"),
    ],
)
def test_two_cells_are_never_sent_to_one_address(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Config.model_validate(given)


def _exports(template: dict[str, dict[str, dict[str, dict[str, str]]]]) -> list[dict[str, dict[str, str]]]:
    return [output for output in template.get("Outputs", {}).values() if "Export" in output]
