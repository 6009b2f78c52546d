"""Who may do what: read from the templates, so that a grant too many is seen as well as one too few."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.infrastructure.assembly import Assembly, Resource, as_list, text

TRACES = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}

# Of whoever speaks with carriers; nobody else may read what is below `connections`.
CARRIERS = {
    "dynamodb:GetItem Sessions",
    "dynamodb:Query Sessions",
    "dynamodb:PutItem Sessions",
    "dynamodb:GetItem Access",
    "dynamodb:PutItem Access",
    "dynamodb:PutItem Outbox",
    "secretsmanager:DescribeSecret StreamTokenKey",
    "secretsmanager:GetSecretValue StreamTokenKey",
    "secretsmanager:GetSecretValue connections/*",
}

GRANTS = {
    "rest.app": {
        "dynamodb:DeleteItem Sessions",
        "dynamodb:UpdateItem Sessions",
        "s3:PutObject Knowledge/documents/*",
        "s3:DeleteObject Knowledge/*",
        "s3:ListBucket Knowledge",
        "dynamodb:GetItem Sessions",
        "dynamodb:BatchGetItem Sessions",
        "dynamodb:Query Sessions",
        "dynamodb:Query Sessions/by_tenant",
        "dynamodb:Query Sessions/by_status",
        "dynamodb:PutItem Sessions",
        "dynamodb:GetItem Access",
        "dynamodb:PutItem Access",
        "dynamodb:PutItem Outbox",
        "dynamodb:GetItem Outbox",
        "dynamodb:Query Outbox/by_tenant",
        "dynamodb:GetItem Deliveries",
        "dynamodb:Query Deliveries",
        "dynamodb:Query Deliveries/by_target",
        "dynamodb:PutItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "dynamodb:BatchGetItem Deliveries",
        "sqs:SendMessage Handoffs",
        "secretsmanager:DescribeSecret WebhookKey",
        "secretsmanager:GetSecretValue WebhookKey",
        "s3:GetObject Recordings/recordings/*",
        "s3:DeleteObject Recordings/*",
        "s3:ListBucket Recordings",
        "secretsmanager:DescribeSecret ApiKeyPepper",
        "secretsmanager:GetSecretValue ApiKeyPepper",
        "secretsmanager:DescribeSecret StreamTokenKey",
        "secretsmanager:GetSecretValue StreamTokenKey",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
        "secretsmanager:CreateSecret connections/trunks/*",
        "secretsmanager:PutSecretValue connections/trunks/*",
        "secretsmanager:DeleteSecret connections/trunks/*",
    },
    "authorizer.app": {
        "dynamodb:GetItem Access",
        "dynamodb:BatchGetItem Access",
        "dynamodb:UpdateItem Access",
        "dynamodb:BatchGetItem Sessions",
        "secretsmanager:DescribeSecret ApiKeyPepper",
        "secretsmanager:GetSecretValue ApiKeyPepper",
    },
    "websocket.connect": {
        "dynamodb:GetItem Access",
        "dynamodb:BatchGetItem Access",
        "dynamodb:GetItem Sessions",
        "dynamodb:Query Deliveries",
        "dynamodb:PutItem Deliveries",
        "secretsmanager:DescribeSecret ApiKeyPepper",
        "secretsmanager:GetSecretValue ApiKeyPepper",
        "secretsmanager:DescribeSecret StreamTokenKey",
        "secretsmanager:GetSecretValue StreamTokenKey",
    },
    "websocket.disconnect": {"dynamodb:GetItem Deliveries", "dynamodb:DeleteItem Deliveries"},
    "websocket.default": {
        "dynamodb:GetItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "execute-api:ManageConnections connections",
    },
    "websocket.subscribe": {
        "dynamodb:GetItem Sessions",
        "dynamodb:Query Sessions",
        "dynamodb:GetItem Access",
        "dynamodb:GetItem Deliveries",
        "dynamodb:PutItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "execute-api:ManageConnections connections",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
    },
    "websocket.ping": {
        "dynamodb:BatchGetItem Sessions",
        "dynamodb:GetItem Access",
        "dynamodb:GetItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "execute-api:ManageConnections connections",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
    },
    "websocket.end_session": {
        "dynamodb:DeleteItem Sessions",
        "dynamodb:GetItem Sessions",
        "dynamodb:PutItem Sessions",
        "dynamodb:PutItem Outbox",
        "dynamodb:GetItem Access",
        "dynamodb:GetItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "execute-api:ManageConnections connections",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
    },
    "events.relay": {
        "events:PutEvents Bus",
        "dynamodb:UpdateItem Outbox",
        "dynamodb:DescribeStream Outbox/stream",
        "dynamodb:GetRecords Outbox/stream",
        "dynamodb:GetShardIterator Outbox/stream",
        "dynamodb:ListStreams *",
        "sqs:GetQueueAttributes Failed",
        "sqs:GetQueueUrl Failed",
        "sqs:SendMessage Failed",
    },
    "events.push": {
        "dynamodb:Query Deliveries",
        "dynamodb:GetItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "dynamodb:GetItem Sessions",
        "execute-api:ManageConnections connections",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
    },
    "events.push_partial": {
        "dynamodb:Query Deliveries",
        "dynamodb:GetItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "dynamodb:GetItem Sessions",
        "execute-api:ManageConnections connections",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
    },
    "events.finalize_recording": {
        "dynamodb:GetItem Sessions",
        "dynamodb:Query Sessions",
        "dynamodb:PutItem Sessions",
        "dynamodb:PutItem Outbox",
        "s3:GetObject Recordings/chunks/*",
        "s3:PutObject Recordings/recordings/*",
        "s3:AbortMultipartUpload Recordings/recordings/*",
        "s3:DeleteObject Recordings/*",
        "s3:ListBucket Recordings",
        "sqs:GetQueueAttributes Failed",
        "sqs:GetQueueUrl Failed",
        "sqs:SendMessage Failed",
    },
    "events.index_document": {
        "dynamodb:GetItem Sessions",
        "dynamodb:PutItem Sessions",
        "dynamodb:UpdateItem Sessions",
        "s3:GetObject Knowledge/documents/*",
        "s3:PutObject Knowledge/passages/*",
        "s3:AbortMultipartUpload Knowledge/passages/*",
        "s3:DeleteObject Knowledge/*",
        "s3:ListBucket Knowledge",
        "sqs:GetQueueAttributes Failed",
        "sqs:GetQueueUrl Failed",
        "sqs:SendMessage Failed",
    },
    "events.fan_out": {
        "dynamodb:GetItem Deliveries",
        "dynamodb:Query Deliveries",
        "dynamodb:PutItem Deliveries",
        "dynamodb:BatchGetItem Outbox",
        "dynamodb:Query Outbox/by_tenant",
        "dynamodb:PutItem Outbox",
        "sqs:SendMessage Handoffs",
        "sqs:ChangeMessageVisibility Told",
        "sqs:DeleteMessage Told",
        "sqs:GetQueueAttributes Told",
        "sqs:GetQueueUrl Told",
        "sqs:ReceiveMessage Told",
    },
    "events.deliver": {
        "dynamodb:GetItem Deliveries",
        "dynamodb:PutItem Deliveries",
        "dynamodb:UpdateItem Deliveries",
        "dynamodb:DeleteItem Deliveries",
        "dynamodb:GetItem Outbox",
        "dynamodb:PutItem Outbox",
        "secretsmanager:DescribeSecret WebhookKey",
        "secretsmanager:GetSecretValue WebhookKey",
        "sqs:ChangeMessageVisibility Handoffs",
        "sqs:DeleteMessage Handoffs",
        "sqs:GetQueueAttributes Handoffs",
        "sqs:GetQueueUrl Handoffs",
        "sqs:ReceiveMessage Handoffs",
        "sqs:SendMessage Handoffs",
    },
    "scheduled.sweep": {
        "dynamodb:Query Deliveries/due",
        "dynamodb:UpdateItem Deliveries",
        "sqs:SendMessage Handoffs",
        "dynamodb:DeleteItem Sessions",
        "dynamodb:GetItem Sessions",
        "dynamodb:PutItem Sessions",
        "dynamodb:Query Sessions/due",
        "dynamodb:GetItem Access",
        "dynamodb:PutItem Outbox",
        "sqs:GetQueueUrl inbox",
        "sqs:SendMessage inbox",
    },
    "telephony.dial": CARRIERS
    | {
        "sqs:ChangeMessageVisibility Calls",
        "sqs:DeleteMessage Calls",
        "sqs:GetQueueAttributes Calls",
        "sqs:GetQueueUrl Calls",
        "sqs:ReceiveMessage Calls",
    },
    "telephony.webhooks": CARRIERS | {"dynamodb:DeleteItem Sessions", "dynamodb:BatchGetItem Sessions"},
    "scheduled.reconcile": {
        "events:PutEvents Bus",
        "dynamodb:Query Outbox/unpublished",
        "dynamodb:GetItem Outbox",
        "dynamodb:UpdateItem Outbox",
        "sqs:ReceiveMessage Failed",
        "sqs:DeleteMessage Failed",
        "lambda:InvokeFunction finalize_recording",
        "lambda:InvokeFunction index_document",
        "sqs:GetQueueUrl Told",
        "sqs:SendMessage Told",
    },
}

WORKER = {
    "dynamodb:DeleteItem Sessions",
    "dynamodb:GetItem Sessions",
    "dynamodb:UpdateItem Sessions",
    "dynamodb:Query Sessions",
    "dynamodb:PutItem Sessions",
    "dynamodb:GetItem Access",
    "dynamodb:PutItem Access",
    "dynamodb:DeleteItem Access",
    "dynamodb:PutItem Outbox",
    "events:PutEvents Bus",
    "s3:PutObject Recordings/chunks/*",
    "s3:AbortMultipartUpload Recordings/chunks/*",
    "s3:GetObject Knowledge/passages/*",
    "s3:ListBucket Knowledge",
    "secretsmanager:DescribeSecret StreamTokenKey",
    "secretsmanager:GetSecretValue StreamTokenKey",
    "sqs:CreateQueue inbox",
    "sqs:GetQueueUrl inbox",
    "sqs:GetQueueAttributes inbox",
    "sqs:ReceiveMessage inbox",
    "sqs:DeleteMessage inbox",
    "sqs:DeleteQueue inbox",
    "ecs:DescribeServices services",
    "ecs:GetTaskProtection tasks",
    "ecs:UpdateTaskProtection tasks",
    "bedrock:InvokeModelWithResponseStream amazon.nova-lite-v1:0",
}

NAMES = (
    (re.compile(r"execute-api:.*/live/POST/@connections/\*$"), "connections"),
    (re.compile(r":task/<WorkersCluster\w*>/\*$"), "tasks"),
    (re.compile(r":task/<GatewaysCluster\w*>/\*$"), "gateways"),
    (re.compile(r":service/<WorkersCluster\w*>/\*$"), "services"),
    (re.compile(r":sqs:.*:kallglot-dev-inbox-\*$"), "inbox"),
    (re.compile(r":secret:kallglot-dev/connections/\*$"), "connections/*"),
    (re.compile(r":secret:kallglot-dev/connections/trunks/\*$"), "connections/trunks/*"),
    (re.compile(r":event-bus/kallglot-dev-events$"), "Bus"),
    (re.compile(r"^arn:<AWS::Partition>:bedrock:<AWS::Region>::foundation-model/(.+)$"), "{0}"),
    (re.compile(r"(Outbox)\w*StreamArn"), "{0}/stream"),
    (re.compile(r"(Sessions|Deliveries|Outbox)\w*>?/index/(\w+)$"), "{0}/{1}"),
    (re.compile(r"events(finalize)(recording)\w*"), "{0}_{1}"),
    (re.compile(r"events(index)(document)\w*"), "{0}_{1}"),
    (re.compile(r"(Recordings|Knowledge)\w*>/(.*\*)$"), "{0}/{1}"),
    (re.compile(r"(Sessions|Access|Deliveries|Outbox|Recordings|Knowledge|Bus|Calls|Handoffs|Told|Failed)"), "{0}"),
    (re.compile(r"(ApiKeyPepper|StreamTokenKey|WebhookKey)"), "{0}"),
    (re.compile(r"^\*$"), "*"),
)


def named(resource: Any) -> str:
    """Our own name of what an ARN in a template is about."""
    written = text(resource)
    for pattern, name in NAMES:
        if found := pattern.search(written):
            return name.format(*found.groups())
    return written


def granted(deployment: Assembly, role: Resource) -> set[str]:
    return {
        f"{action} {named(resource)}"
        for statement in deployment.statements(role)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if action not in TRACES | LOGS
    }


@pytest.mark.parametrize("module", GRANTS)
def test_a_function_may_do_its_work_and_nothing_else(deployment: Assembly, module: str) -> None:
    assert granted(deployment, deployment.role_of(deployment.function(module))) == GRANTS[module]


def test_the_authorizer_writes_rate_limits_and_no_key(deployment: Assembly) -> None:
    role = deployment.role_of(deployment.function("authorizer.app"))
    (writing,) = (each for each in deployment.statements(role) if "dynamodb:UpdateItem" in as_list(each["Action"]))

    assert as_list(writing["Action"]) == ["dynamodb:UpdateItem"]
    assert writing["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["bucket#*"]}}


def test_the_authorizer_reads_of_the_sessions_what_was_used_and_no_more(deployment: Assembly) -> None:
    for module in ("authorizer.app", "telephony.webhooks"):
        role = deployment.role_of(deployment.function(module))
        (reading,) = (
            each
            for each in deployment.statements(role)
            if "dynamodb:BatchGetItem" in as_list(each["Action"]) and "Sessions" in str(each["Resource"])
        )
        assert as_list(reading["Action"]) == ["dynamodb:BatchGetItem"]
        assert reading["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["usage#*"]}}


def test_nobody_deletes_anything_of_the_sessions_but_seats_and_the_rest_function_agents_and_knowledge(
    deployment: Assembly,
) -> None:
    roles = deployment.resources("AWS::IAM::Role")
    table = "dynamodb:DeleteItem"
    deleting = [
        each
        for role in roles
        for each in deployment.statements(role)
        if table in as_list(each["Action"]) and "Sessions" in str(each["Resource"])
    ]

    # What counts in a knowledge base is updated below the same keys.
    assert {action for each in deleting for action in as_list(each["Action"])} == {table, "dynamodb:UpdateItem"}
    keys = [each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for each in deleting]
    assert sorted(keys) == [["agents#*"], ["knowledge#*"], *[["seats#*"]] * 5]
    rest = deployment.statements(deployment.role_of(deployment.function("rest.app")))
    assert any("agents#*" in str(each.get("Condition")) for each in rest)


def test_the_worker_may_do_its_work_and_nothing_else(deployment: Assembly) -> None:
    task = deployment.only("AWS::ECS::TaskDefinition")
    role_id = task.properties["TaskRoleArn"]["Fn::GetAtt"][0]
    (role,) = (role for role in deployment.resources("AWS::IAM::Role", "media") if role.id == role_id)
    assert granted(deployment, role) == WORKER


def test_with_the_managed_engines_it_may_also_call_what_they_are_made_of(managed: Assembly) -> None:
    task = managed.only("AWS::ECS::TaskDefinition")
    role_id = task.properties["TaskRoleArn"]["Fn::GetAtt"][0]
    (role,) = (role for role in managed.resources("AWS::IAM::Role", "media") if role.id == role_id)
    services = ("transcribe:StartStreamTranscriptionWebSocket", "translate:TranslateText", "polly:SynthesizeSpeech")
    assert granted(managed, role) == WORKER | {f"{action} *" for action in services}


def test_everything_is_granted_only_where_aws_knows_no_resource(deployment: Assembly) -> None:
    everything = {
        action
        for role in deployment.resources("AWS::IAM::Role")
        for statement in deployment.statements(role)
        for action in as_list(statement["Action"])
        if "*" in as_list(statement["Resource"])
    }
    assert everything == TRACES | {"dynamodb:ListStreams"}


def test_no_action_is_granted_by_a_wildcard(deployment: Assembly) -> None:
    actions = {
        action
        for role in deployment.resources("AWS::IAM::Role")
        for statement in deployment.statements(role)
        for action in as_list(statement["Action"])
    }
    assert not {action for action in actions if "*" in action}


def test_a_role_is_for_one_service_and_without_managed_policies(deployment: Assembly) -> None:
    managed = {
        role.id: [text(arn) for arn in role.properties["ManagedPolicyArns"]]
        for role in deployment.resources("AWS::IAM::Role")
        if "ManagedPolicyArns" in role.properties
    }
    (policies,) = managed.values()
    assert policies == ["arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]
