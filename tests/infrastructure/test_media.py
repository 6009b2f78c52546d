from __future__ import annotations

from pathlib import Path

import pytest

from stacks.config import Config
from tests.infrastructure.assembly import IMAGE, Assembly, synthesize, text


def attributes(assembly: Assembly, kind: str, name: str) -> dict[str, str]:
    return {a["Key"]: a["Value"] for a in assembly.only(kind).properties[name]}


def test_the_balancer_holds_silent_sockets_and_drops_what_smugglers_send(deployment: Assembly) -> None:
    balancer = deployment.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert balancer.properties["Scheme"] == "internet-facing"
    found = attributes(deployment, "AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerAttributes")
    assert found["idle_timeout.timeout_seconds"] == "120"
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"


def test_a_call_goes_to_the_worker_with_the_fewest_and_may_outlive_its_target(deployment: Assembly) -> None:
    target = deployment.only("AWS::ElasticLoadBalancingV2::TargetGroup")
    assert (target.properties["Port"], target.properties["Protocol"]) == (8080, "HTTP")
    assert target.properties["HealthCheckPath"] == "/healthz"
    found = attributes(deployment, "AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroupAttributes")
    assert found["load_balancing.algorithm.type"] == "least_outstanding_requests"
    assert found["deregistration_delay.timeout_seconds"] == "3600"


def test_a_worker_has_two_minutes_to_say_goodbye(deployment: Assembly) -> None:
    (container,) = deployment.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    assert container["StopTimeout"] == 120
    assert container["Image"] == IMAGE


def test_a_deployment_that_does_not_come_up_goes_back(deployment: Assembly) -> None:
    service = deployment.only("AWS::ECS::Service").properties
    rollout = service["DeploymentConfiguration"]
    assert rollout["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert (rollout["MinimumHealthyPercent"], rollout["MaximumPercent"]) == (100, 200)


def test_a_deployment_does_not_wait_for_the_longest_call(deployment: Assembly) -> None:
    rollout = deployment.only("AWS::ECS::Service").properties["DeploymentConfiguration"]
    assert rollout["EarlySuccessCriteria"] == {
        "Enable": True,
        "HealthyPercent": 100,
        "SourceServiceRevisionCleanup": "DEFERRED",
    }


def test_only_the_balancer_and_other_workers_reach_a_worker_each_at_a_port_of_its_own(deployment: Assembly) -> None:
    by_port = {rule.properties["FromPort"]: rule for rule in deployment.resources("AWS::EC2::SecurityGroupIngress")}
    rule, relay = by_port.pop(8080), by_port.pop(8081)
    assert not by_port
    assert relay.properties["ToPort"] == 8081
    assert relay.properties["SourceSecurityGroupId"] == relay.properties["GroupId"] == rule.properties["GroupId"]
    (balancer,) = (
        group
        for group in deployment.resources("AWS::EC2::SecurityGroup", "media")
        if group.properties.get("SecurityGroupIngress")
    )
    assert rule.properties["SourceSecurityGroupId"] == {"Fn::GetAtt": [balancer.id, "GroupId"]}
    assert (rule.properties["FromPort"], rule.properties["ToPort"]) == (8080, 8080)
    assert [found["FromPort"] for found in balancer.properties["SecurityGroupIngress"]] == [80]


def test_without_a_gpu_the_same_task_runs_on_fargate(deployment: Assembly) -> None:
    service = deployment.only("AWS::ECS::Service").properties
    assert service["LaunchType"] == "FARGATE"
    task = deployment.only("AWS::ECS::TaskDefinition").properties
    assert set(task["RequiresCompatibilities"]) == {"FARGATE", "MANAGED_INSTANCES"}
    assert task["NetworkMode"] == "awsvpc"
    assert not deployment.resources("AWS::ECS::CapacityProvider")


def test_without_a_nat_gateway_workers_have_public_addresses_and_cost_nothing_idle(deployment: Assembly) -> None:
    network = deployment.only("AWS::ECS::Service").properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "ENABLED"
    assert not deployment.resources("AWS::EC2::NatGateway")


def test_with_a_gpu_the_task_asks_for_one_and_runs_on_managed_instances(production: Assembly) -> None:
    (container,) = production.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    assert container["ResourceRequirements"] == [{"Type": "GPU", "Value": "1"}]
    provider = production.only("AWS::ECS::CapacityProvider")
    service = production.only("AWS::ECS::Service").properties
    assert "LaunchType" not in service
    assert service["CapacityProviderStrategy"] == [{"CapacityProvider": {"Ref": provider.id}, "Weight": 1}]
    launch = provider.properties["ManagedInstancesProvider"]["InstanceLaunchTemplate"]
    assert launch["InstanceRequirements"]["AcceleratorCount"] == {"Min": 1}


def test_with_a_nat_gateway_workers_have_no_public_address(production: Assembly) -> None:
    network = production.only("AWS::ECS::Service").properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "DISABLED"
    assert len(production.resources("AWS::EC2::NatGateway")) == 1


def test_traffic_to_tables_and_recordings_stays_inside_aws(deployment: Assembly) -> None:
    endpoints = {text(e.properties["ServiceName"]) for e in deployment.resources("AWS::EC2::VPCEndpoint")}
    assert endpoints == {"com.amazonaws.<AWS::Region>.s3", "com.amazonaws.<AWS::Region>.dynamodb"}


def test_rejected_traffic_is_logged(deployment: Assembly) -> None:
    assert deployment.only("AWS::EC2::FlowLog").properties["TrafficType"] == "REJECT"


def test_clients_are_sent_where_the_deployment_says(deployment: Assembly, production: Assembly) -> None:
    def told(assembly: Assembly) -> str:
        environment = assembly.function("rest.app").properties["Environment"]["Variables"]
        return text(environment["STREAM_BASE_URL"])

    assert told(production) == "wss://example.org"
    assert told(deployment).startswith("ws://<")


@pytest.mark.parametrize(
    "wrong",
    [
        {"gpu": "half"},
        {"idle_timeout_s": "0"},
        {"stream_base_url": "https://example.org"},
        {"name": "Kallglot!"},
        {"lambda_python": "2.7"},
        {"profile": "staging"},
        {"cell": "inbox"},
        {"zones": "4"},
    ],
)
def test_a_context_value_that_means_nothing_is_refused_by_name(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Config.model_validate(wrong)


def test_what_falls_back_on_aws_is_granted_and_given_the_same() -> None:
    config = Config(engines="embedded", engine_fallback="aws")
    assert config.uses("aws")
    assert config.uses("embedded")
    assert not Config().uses("aws")
    with pytest.raises(ValueError, match="engine_fallback=aws are the engines"):
        Config(engines="aws", engine_fallback="aws")
    with pytest.raises(ValueError, match="needs image="):
        Config(engines="aws", engine_fallback="whisper")


def test_the_whisper_set_is_deployed_only_with_an_image_that_carries_its_models() -> None:
    with pytest.raises(ValueError, match="engines=whisper needs image="):
        Config(engines="whisper")
    assert Config(engines="whisper", image="1234.dkr.ecr.eu-central-1.amazonaws.com/kallglot").engines == "whisper"


def test_models_in_a_bucket_are_read_below_their_prefix_and_nowhere_else(tmp_path: Path) -> None:
    made = synthesize(tmp_path, Config(image=IMAGE, models="s3://weights/kallglot/v1"))
    (container,) = made.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    assert {"Name": "MODELS_SOURCE", "Value": "s3://weights/kallglot/v1"} in container["Environment"]
    (role,) = (role for role in made.resources("AWS::IAM::Role", "media") if "TaskRole" in role.id)
    reads = [s["Resource"] for s in made.statements(role) if s["Action"] == "s3:GetObject"]
    places = [text(place) for read in reads for place in (read if isinstance(read, list) else [read])]
    assert [place for place in places if "weights" in place] == ["arn:<AWS::Partition>:s3:::weights/kallglot/v1/*"]
    for plugin in made.report["pluginReports"]:
        assert plugin["conclusion"] == "success", plugin["violations"]
