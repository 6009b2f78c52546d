"""What holds in every template, whatever the settings. A rule yields a sentence for each place where it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.infrastructure.assembly import Assembly, Resource, as_list, text

Rule = Callable[[Assembly], Iterator[str]]


def logs_forget(assembly: Assembly) -> Iterator[str]:
    for log in assembly.resources("AWS::Logs::LogGroup"):
        if not log.properties.get("RetentionInDays"):
            yield f"{_at(log)} keeps its lines for ever"


def functions_log_into_groups_of_ours(assembly: Assembly) -> Iterator[str]:
    """Lambda makes a group that keeps everything for whoever names none."""
    for function in assembly.resources("AWS::Lambda::Function"):
        if "LogGroup" not in function.properties.get("LoggingConfig", {}):
            yield f"{_at(function)} names no log group"


def buckets_are_private(assembly: Assembly) -> Iterator[str]:
    policies = {text(each.properties["Bucket"]): each for each in assembly.resources("AWS::S3::BucketPolicy")}
    for bucket in assembly.resources("AWS::S3::Bucket"):
        blocked = bucket.properties.get("PublicAccessBlockConfiguration", {})
        if len(blocked) != 4 or set(blocked.values()) != {True}:
            yield f"{_at(bucket)} does not block public access"
        if "BucketEncryption" not in bucket.properties:
            yield f"{_at(bucket)} is not encrypted"
        if not _refuses_plain_text(policies.get(f"<{bucket.id}>")):
            yield f"{_at(bucket)} is reached without TLS"


def queues_are_encrypted(assembly: Assembly) -> Iterator[str]:
    policies = assembly.resources("AWS::SQS::QueuePolicy")
    guarded = {(p.stack, text(q)) for p in policies if _refuses_plain_text(p) for q in p.properties["Queues"]}
    for queue in assembly.resources("AWS::SQS::Queue"):
        if not queue.properties.get("SqsManagedSseEnabled"):
            yield f"{_at(queue)} is not encrypted"
        if (queue.stack, f"<{queue.id}>") not in guarded:
            yield f"{_at(queue)} is reached without TLS"


def tables_can_be_put_back(assembly: Assembly) -> Iterator[str]:
    for table in assembly.resources("AWS::DynamoDB::Table"):
        if not table.properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{_at(table)} cannot be put back to a point in time"
        if assembly.config.profile == "prod" and not table.properties.get("DeletionProtectionEnabled"):
            yield f"{_at(table)} can be deleted"


def production_keeps_its_data(assembly: Assembly) -> Iterator[str]:
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::SQS::Queue")
    wanted = "Retain" if assembly.config.profile == "prod" else "Delete"
    for kind in kinds:
        for found in assembly.resources(kind):
            if found.raw.get("DeletionPolicy") != wanted:
                yield f"{_at(found)} has the deletion policy {found.raw.get('DeletionPolicy')}"


def nothing_runs_while_deploying(assembly: Assembly) -> Iterator[str]:
    for found in assembly.resources():
        if found.kind.startswith("Custom::") or "CustomResource" in found.kind:
            yield f"{_at(found)} is a custom resource"


def stacks_are_named_after_the_deployment(assembly: Assembly) -> Iterator[str]:
    for path in assembly.folder.glob("*.template.json"):
        if not path.name.startswith(f"{assembly.config.prefix}-"):
            yield f"{path.name} is not named after {assembly.config.prefix}"


# From anywhere: stack, protocol, first and last port.
_OPEN = {
    ("media", "tcp", 80, 80),
    ("media", "tcp", 443, 443),
    ("sip", "udp", 5060, 5060),
    ("sip", "tcp", 5060, 5060),
    ("sip", "tcp", 5061, 5061),
    ("sip", "udp", 16384, 17407),
}

_ASKED_FOR: dict[str, dict[str, Any]] = {
    "none": {},
    "whole": {"Type": "GPU", "Value": "1"},
    "fractional": {"Type": "GPU", "Value": "0.25"},
    "mps": {"Type": "GPU", "SharingStrategy": {"NvidiaMps": {"Memory": 5000}}},
}


def workers_run_where_they_were_asked_to(assembly: Assembly) -> Iterator[str]:
    service = assembly.only("AWS::ECS::Service", "media")
    on_instances = "CapacityProviderStrategy" in service.properties
    if on_instances != (assembly.config.gpu != "none"):
        yield f"{_at(service)} has {'a' if on_instances else 'no'} capacity provider with gpu={assembly.config.gpu}"
    (container,) = assembly.only("AWS::ECS::TaskDefinition", "media").properties["ContainerDefinitions"]
    asked: dict[str, Any] = next(iter(container.get("ResourceRequirements", [])), {})
    expected = _ASKED_FOR[assembly.config.gpu]
    if asked != expected:
        yield f"the task asks for {asked or 'no GPU'}"


def only_managed_engines_may_be_called(assembly: Assembly) -> Iterator[str]:
    actions = {
        action
        for role in assembly.resources("AWS::IAM::Role", "media")
        for statement in assembly.statements(role)
        for action in as_list(statement["Action"])
    }
    if ("translate:TranslateText" in actions) != assembly.config.uses("aws"):
        yield f"the worker's right to call AWS's engines does not fit engines={assembly.config.engines}"


def gateways_are_where_calls_by_sip_are_wanted(assembly: Assembly) -> Iterator[str]:
    """With a public address each, and never on the instances with a GPU."""
    services = assembly.resources("AWS::ECS::Service", "sip")
    if bool(services) != assembly.config.sip:
        yield f"there are {len(services)} services of gateways with sip={assembly.config.sip}"
    for service in services:
        network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        if service.properties.get("LaunchType") != "FARGATE" or network["AssignPublicIp"] != "ENABLED":
            yield f"{_at(service)} has no public address on Fargate"


def only_gateways_are_open_to_the_world_beside_balancers(assembly: Assembly) -> Iterator[str]:
    for group in assembly.resources("AWS::EC2::SecurityGroup"):
        for rule in group.properties.get("SecurityGroupIngress", []):
            opened = (group.stack, rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
            if rule.get("CidrIp") == "0.0.0.0/0" and opened not in _OPEN:
                yield f"{_at(group)} lets anybody in at {rule['FromPort']}"


def no_policy_allows_every_action(assembly: Assembly) -> Iterator[str]:
    for role in assembly.resources("AWS::IAM::Role"):
        for statement in assembly.statements(role):
            for action in as_list(statement["Action"]):
                if action.endswith("*"):
                    yield f"{_at(role)} may {action}"


RULES: tuple[Rule, ...] = (
    logs_forget,
    functions_log_into_groups_of_ours,
    buckets_are_private,
    queues_are_encrypted,
    tables_can_be_put_back,
    production_keeps_its_data,
    nothing_runs_while_deploying,
    stacks_are_named_after_the_deployment,
    workers_run_where_they_were_asked_to,
    only_managed_engines_may_be_called,
    gateways_are_where_calls_by_sip_are_wanted,
    only_gateways_are_open_to_the_world_beside_balancers,
    no_policy_allows_every_action,
)


def _refuses_plain_text(policy: Resource | None) -> bool:
    statements = policy.properties["PolicyDocument"]["Statement"] if policy else []
    return any(
        statement["Effect"] == "Deny" and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in statements
    )


def _at(resource: Resource) -> str:
    return f"{resource.stack}/{resource.id}"
