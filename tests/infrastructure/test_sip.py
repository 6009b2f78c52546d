"""What is deployed for telephone systems that call by SIP, and nothing of it for who did not ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.domain.telephony import Carrier
from core.services.sip_dialing import DIALED_WITHIN
from media_worker.sip.settings import GatewaySettings
from media_worker.sip.telemetry import SERVICE
from stacks.config import Config
from stacks.constructs.dial_queue import AGAIN_AFTER_S
from tests.infrastructure.assembly import IMAGE, ZONE, Assembly, Resource, as_list, synthesize, text
from tests.infrastructure.test_grants import granted

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
TARGET = "AWS::ElasticLoadBalancingV2::TargetGroup"
HOST = "sip.calls.example.org"
CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"

GATEWAY = {
    "dynamodb:GetItem Sessions",
    "dynamodb:Query Sessions",
    "dynamodb:PutItem Sessions",
    "dynamodb:UpdateItem Sessions",
    "dynamodb:DeleteItem Sessions",
    "dynamodb:GetItem Access",
    "dynamodb:PutItem Outbox",
    "secretsmanager:DescribeSecret StreamTokenKey",
    "secretsmanager:GetSecretValue StreamTokenKey",
    "ec2:DescribeNetworkInterfaces *",
    "ecs:GetTaskProtection gateways",
    "ecs:UpdateTaskProtection gateways",
    "sqs:ReceiveMessage Calls",
    "sqs:DeleteMessage Calls",
    "secretsmanager:GetSecretValue connections/trunks/*",
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """As a trial has it: no name, no certificate."""
    return synthesize(tmp_path_factory.mktemp("cdk.out"), Config(image=IMAGE, sip=True))


@pytest.fixture(scope="module")
def by_edge(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    config = Config(image=IMAGE, sip=True, edge=True, sip_host="pbx.example.org", sip_certificate=CERTIFICATE)
    return synthesize(tmp_path_factory.mktemp("cdk.out"), config)


@pytest.fixture(params=["plain", "sip", "by_edge"])
def assembly(request: pytest.FixtureRequest) -> Assembly:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Assembly)
    return found


def container(assembly: Assembly) -> dict[str, Any]:
    (found,) = assembly.only("AWS::ECS::TaskDefinition", "sip").properties["ContainerDefinitions"]
    assert isinstance(found, dict)
    return found


def environment(assembly: Assembly) -> dict[str, str]:
    return {variable["Name"]: text(variable["Value"]) for variable in container(assembly)["Environment"]}


def outputs(assembly: Assembly) -> dict[str, str]:
    return {name: text(made["Value"]) for name, made in assembly.templates["sip"]["Outputs"].items()}


def group(assembly: Assembly, description: str) -> Resource:
    (found,) = (
        each
        for each in assembly.resources("AWS::EC2::SecurityGroup", "sip")
        if each.properties["GroupDescription"] == description
    )
    return found


def followed(assembly: Assembly) -> set[tuple[str, int, str | None]]:
    """What the number of gateways goes by: a metric, the value that it is kept at, and its statistic."""
    kinds = ("CustomizedMetricSpecification", "PredefinedMetricSpecification")
    found = set()
    for policy in assembly.resources("AWS::ApplicationAutoScaling::ScalingPolicy", "sip"):
        tracked = policy.properties["TargetTrackingScalingPolicyConfiguration"]
        (metric,) = (tracked[kind] for kind in kinds if kind in tracked)
        assert metric.get("Dimensions", [{"Name": "service", "Value": SERVICE}])[0]["Value"] == SERVICE
        name = metric.get("MetricName") or metric["PredefinedMetricType"]
        found.add((name, tracked["TargetValue"], metric.get("Statistic")))
    return found


def let_in(found: Resource) -> set[tuple[str, int, int]]:
    """From anywhere: protocol, first and last port."""
    rules = found.properties["SecurityGroupIngress"]
    assert {rule["CidrIp"] for rule in rules} == {"0.0.0.0/0"}
    return {(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules}


def test_who_did_not_ask_for_it_has_nothing_of_it(deployment: Assembly, production: Assembly) -> None:
    for each in (deployment, production):
        assert "sip" not in each.templates


def test_udp_and_tcp_come_by_one_address_and_tls_where_there_is_a_certificate(
    plain: Assembly, sip: Assembly, by_edge: Assembly
) -> None:
    for each, expected in ((plain, {5060: "TCP_UDP"}), (sip, {5060: "TCP_UDP", 5061: "TLS"})):
        found = each.resources(LISTENER, "sip")
        assert {one.properties["Port"]: one.properties["Protocol"] for one in found} == expected
    for each in (sip, by_edge):
        (secure,) = (one.properties for one in each.resources(LISTENER, "sip") if one.properties["Port"] == 5061)
        assert secure["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    assert [one["CertificateArn"] for one in secure["Certificates"]] == [CERTIFICATE]


def test_the_balancer_is_public_and_guarded_and_gone_only_on_purpose(plain: Assembly, sip: Assembly) -> None:
    for each, kept in ((plain, "false"), (sip, "true")):
        balancer = each.only(BALANCER, "sip").properties
        assert (balancer["Type"], balancer["Scheme"]) == ("network", "internet-facing")
        assert balancer["SecurityGroups"] == [{"Fn::GetAtt": [group(each, "Load balancer of SIP").id, "GroupId"]}]
        attributes = {one["Key"]: one["Value"] for one in balancer["LoadBalancerAttributes"]}
        assert attributes["deletion_protection.enabled"] == kept
        assert attributes["load_balancing.cross_zone.enabled"] == "true"


def test_a_gateway_sees_who_calls_and_is_asked_for_its_health_at_a_port_of_its_own(sip: Assembly) -> None:
    targets = {found.properties["Port"]: found.properties for found in sip.resources(TARGET, "sip")}
    assert {port: target["Protocol"] for port, target in targets.items()} == {5060: "TCP_UDP", 5062: "TCP"}
    for target in targets.values():
        attributes = {one["Key"]: one["Value"] for one in target["TargetGroupAttributes"]}
        assert attributes == {"preserve_client_ip.enabled": "true", "deregistration_delay.timeout_seconds": "30"}
        assert target["TargetType"] == "ip"
        health = (target["HealthCheckProtocol"], target["HealthCheckPort"], target["HealthCheckPath"])
        assert health == ("HTTP", "8090", "/healthz")


def test_what_came_by_tls_has_a_port_of_its_own_which_nobody_else_reaches(plain: Assembly, sip: Assembly) -> None:
    balancer = {"Fn::GetAtt": [group(sip, "Load balancer of SIP").id, "GroupId"]}
    rules = {
        rule.properties["FromPort"]: rule.properties for rule in sip.resources("AWS::EC2::SecurityGroupIngress", "sip")
    }
    assert set(rules) == {5062, 8090}
    assert all(rule["SourceSecurityGroupId"] == balancer for rule in rules.values())
    assert environment(sip)["SIP_TLS_PORT"] == "5062"
    (health,) = plain.resources("AWS::EC2::SecurityGroupIngress", "sip")
    assert health.properties["FromPort"] == 8090
    assert environment(plain)["SIP_TLS_PORT"] == "0"


def test_anybody_may_signal_and_send_sound_and_nothing_else(assembly: Assembly) -> None:
    signalling = {("udp", 5060, 5060), ("tcp", 5060, 5060)}
    assert let_in(group(assembly, "SIP gateways")) == signalling | {("udp", 16384, 17407)}
    secure = {("tcp", 5061, 5061)} if len(assembly.resources(LISTENER, "sip")) == 2 else set()
    assert let_in(group(assembly, "Load balancer of SIP")) == signalling | secure


def test_the_balancer_leads_to_gateways_and_nowhere_else(sip: Assembly) -> None:
    gateways = {"Fn::GetAtt": [group(sip, "SIP gateways").id, "GroupId"]}
    rules = [rule.properties for rule in sip.resources("AWS::EC2::SecurityGroupEgress", "sip")]
    assert {(rule["IpProtocol"], rule["FromPort"]) for rule in rules} == {
        ("udp", 5060),
        ("tcp", 5060),
        ("tcp", 5062),
        ("tcp", 8090),
    }
    assert all(rule["DestinationSecurityGroupId"] == gateways for rule in rules)


def test_ports_of_sound_are_those_that_are_open(assembly: Assembly) -> None:
    told = environment(assembly)
    (sound,) = (rule for rule in let_in(group(assembly, "SIP gateways")) if rule[1] != 5060)
    assert sound == ("udp", int(told["RTP_FIRST_PORT"]), int(told["RTP_LAST_PORT"]))
    # An even port for sound and the odd one behind it for reports on it: two a call, with some that rest after one.
    assert int(told["RTP_FIRST_PORT"]) % 2 == 0
    assert (int(told["RTP_LAST_PORT"]) - int(told["RTP_FIRST_PORT"]) + 1) // 2 > 2 * int(told["MAX_CALLS"])


def test_a_gateway_is_the_workers_image_by_another_door(assembly: Assembly) -> None:
    found = container(assembly)
    assert (found["Image"], found["EntryPoint"]) == (IMAGE, ["python", "-m", "media_worker.sip"])
    assert found["StopTimeout"] == 120
    opened = {(mapping["ContainerPort"], mapping["Protocol"]) for mapping in found["PortMappings"]}
    assert opened == {(5060, "udp"), (5060, "tcp"), (5062, "tcp"), (8090, "tcp")}
    task = assembly.only("AWS::ECS::TaskDefinition", "sip").properties
    assert (task["Cpu"], task["Memory"]) == ("512", "1024")


def test_a_gateway_is_given_what_its_settings_read(assembly: Assembly) -> None:
    told = environment(assembly)
    read = GatewaySettings.read(told)
    known = {field.alias for field in GatewaySettings.model_fields.values()}
    # The region is read by the AWS SDK itself, the namespace where figures are told.
    assert set(told) - known <= {"AWS_DEFAULT_REGION", "METRICS_NAMESPACE"}
    # Two are set by ECS in every task, and how long to wait is the gateway's own to know.
    assert known - set(told) <= {"ECS_AGENT_URI", "ECS_CONTAINER_METADATA_URI_V4", "RTP_TIMEOUT_S", "STOP_S"}
    assert read.public_host == ""


def test_it_has_a_public_address_wherever_the_workers_are(plain: Assembly, sip: Assembly) -> None:
    for each in (plain, sip):
        network = each.only("AWS::ECS::Service", "sip").properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        assert network["AssignPublicIp"] == "ENABLED"
        assert all("Public" in text(subnet) for subnet in network["Subnets"])
    workers = sip.only("AWS::ECS::Service", "media").properties["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert workers["AssignPublicIp"] == "DISABLED"


def test_there_are_as_many_as_their_load_and_their_processors_ask_for(plain: Assembly, sip: Assembly) -> None:
    for each, limits in ((plain, (1, 4)), (sip, (2, 20))):
        target = each.only("AWS::ApplicationAutoScaling::ScalableTarget", "sip").properties
        assert (target["MinCapacity"], target["MaxCapacity"]) == limits
        assert followed(each) == {("Load", 60, "Average"), ("ECSServiceAverageCPUUtilization", 50, None)}
        assert "DesiredCount" not in each.only("AWS::ECS::Service", "sip").properties


def test_the_same_number_twice_is_not_scaled_and_a_new_release_waits_for_no_call(tmp_path: Path) -> None:
    fixed = synthesize(tmp_path, Config(image=IMAGE, sip=True, sip_min_tasks=2, sip_max_tasks=2))
    service = fixed.only("AWS::ECS::Service", "sip").properties
    assert service["DesiredCount"] == 2
    assert not fixed.resources("AWS::ApplicationAutoScaling::ScalableTarget", "sip")
    assert service["DeploymentConfiguration"]["EarlySuccessCriteria"]["SourceServiceRevisionCleanup"] == "DEFERRED"


def test_sound_goes_to_the_workers_inside_the_network_or_under_their_name(
    plain: Assembly, sip: Assembly, by_edge: Assembly
) -> None:
    assert environment(sip)["STREAM_URL"] == "wss://stream.calls.example.org"
    for each in (plain, by_edge):
        # The load balancer itself: with an edge it is internal, and a gateway needs no way round by CloudFront.
        assert environment(each)["STREAM_URL"].startswith("ws://<kallglot-dev-media:ExportsOutputFnGetAttBalancer")
    assert by_edge.only(BALANCER, "media").properties["Scheme"] == "internal"


def test_telephone_systems_are_told_the_name_or_the_balancers_own(
    plain: Assembly, sip: Assembly, by_edge: Assembly
) -> None:
    balancer = f"<{plain.only(BALANCER, 'sip').id}.DNSName>"
    for each, host in ((plain, balancer), (sip, HOST), (by_edge, "pbx.example.org")):
        assert outputs(each)["SipHost"] == environment(each)["SIP_DOMAIN"] == host
        assert outputs(each)["SipUri"] == f"sip:{{session_id}}@{host}"


def test_the_name_is_found_by_address_and_by_service(sip: Assembly) -> None:
    records = {
        record.properties["Name"]: record.properties for record in sip.resources("AWS::Route53::RecordSet", "sip")
    }
    assert {name: record["Type"] for name, record in records.items()} == {
        f"{HOST}.": "A",
        f"_sip._udp.{HOST}.": "SRV",
        f"_sip._tcp.{HOST}.": "SRV",
        f"_sips._tcp.{HOST}.": "SRV",
    }
    assert {record["HostedZoneId"] for record in records.values()} == {ZONE}
    served = {
        name.split(f".{HOST}")[0]: record["ResourceRecords"]
        for name, record in records.items()
        if record["Type"] == "SRV"
    }
    assert served == {
        "_sip._udp": [f"10 10 5060 {HOST}"],
        "_sip._tcp": [f"20 10 5060 {HOST}"],
        "_sips._tcp": [f"10 10 5061 {HOST}"],
    }


def test_its_certificate_is_another_one_so_that_nothing_else_is_replaced(sip: Assembly) -> None:
    certificate = sip.only("AWS::CertificateManager::Certificate", "sip").properties
    assert (certificate["DomainName"], certificate["ValidationMethod"]) == (HOST, "DNS")
    others = sip.only("AWS::CertificateManager::Certificate", "names").properties
    assert HOST not in (others["DomainName"], *others["SubjectAlternativeNames"])


def test_a_gateway_may_take_calls_and_nothing_else(plain: Assembly) -> None:
    role_id = plain.only("AWS::ECS::TaskDefinition", "sip").properties["TaskRoleArn"]["Fn::GetAtt"][0]
    (role,) = (role for role in plain.resources("AWS::IAM::Role", "sip") if role.id == role_id)
    assert granted(plain, role) == GATEWAY
    for statement in plain.statements(role):
        actions = as_list(statement["Action"])
        assert "*" not in as_list(statement["Resource"]) or actions == ["ec2:DescribeNetworkInterfaces"]
        # Where an organization may have only so many calls, their places are all that is changed or taken away.
        if {"dynamodb:UpdateItem", "dynamodb:DeleteItem"} & set(actions):
            assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["sipcalls#*"]}}


def test_calls_by_sip_that_are_promised_wait_for_gateways_and_others_do_not(plain: Assembly) -> None:
    (rule,) = (
        found.properties
        for found in plain.resources("AWS::Events::Rule", "telephony")
        if "detail" in found.properties["EventPattern"]
    )
    pattern = rule["EventPattern"]
    assert (pattern["detail-type"], pattern["detail"]) == (
        ["internal.dial_requested"],
        {"data": {"carrier": [Carrier.SIP.value]}},
    )
    (waiting,) = (
        found.properties for found in plain.resources("AWS::SQS::Queue", "sip") if "RedrivePolicy" in found.properties
    )
    assert waiting["VisibilityTimeout"] == AGAIN_AFTER_S
    # Somebody looks once more when no gateway can be dialing.
    assert waiting["RedrivePolicy"]["maxReceiveCount"] * AGAIN_AFTER_S > DIALED_WITHIN.total_seconds() + AGAIN_AFTER_S
    policies = [found.properties["PolicyDocument"] for found in plain.resources("AWS::SQS::QueuePolicy", "sip")]
    senders = [one for policy in policies for one in policy["Statement"] if one["Effect"] == "Allow"]
    assert [one["Principal"] for one in senders] == [{"Service": "events.amazonaws.com"}]
    assert "rule/" in text(senders[0]["Condition"]["ArnLike"]["aws:SourceArn"])


def test_that_nobody_answers_is_told_where_alarms_are_wanted(plain: Assembly, sip: Assembly) -> None:
    assert not plain.resources("AWS::CloudWatch::Alarm", "sip")
    alarm = sip.only("AWS::CloudWatch::Alarm", "sip").properties
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/NetworkELB", "HealthyHostCount")
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"


def test_what_is_found_is_answered_for(assembly: Assembly) -> None:
    for plugin in assembly.report["pluginReports"]:
        assert plugin["conclusion"] == "success", plugin["violations"]


def test_a_cell_is_called_by_a_name_of_its_own() -> None:
    assert Config(sip=True, cell="c1", domain="calls.example.org", hosted_zone=ZONE).sip_name == (
        "sip-c1.calls.example.org"
    )
    assert Config(sip=True, cell="c1", sip_host="{cell}.pbx.example.org").sip_name == "c1.pbx.example.org"


def test_a_host_may_have_another_port_which_is_no_part_of_the_domain() -> None:
    laptop = Config(sip=True, sip_host="127.0.0.1:5070")
    assert (laptop.sip_name, laptop.sip_domain) == ("127.0.0.1:5070", "127.0.0.1")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sip_host": "pbx.example.org"}, "sip_host is for calls by SIP"),
        ({"sip_max_calls": "10"}, "sip_max_calls is for calls by SIP"),
        ({"sip": "true", "sip_certificate": CERTIFICATE}, "needs sip_host="),
        ({"sip": "true", "sip_host": "https://pbx.example.org"}, "sip_host"),
        (
            {"sip": "true", "sip_host": "pbx.example.org", "domain": "calls.example.org", "hosted_zone": ZONE},
            "leave out sip_host",
        ),
        ({"sip": "true", "sip_host": "pbx.example.org", "cell": "c1"}, "must have {cell}"),
        ({"sip": "true", "sip_min_tasks": "9"}, "sip_min_tasks=9 is more than sip_max_tasks=4"),
        ({"sip": "true", "min_tasks": "0", "max_tasks": "0"}, "there is none"),
        ({"sip": "true", "sip_max_calls": "501"}, "sip_max_calls"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Config.model_validate(given)
