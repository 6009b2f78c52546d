"""Permissions named one by one: a table without its indexes, an index by its name, `*` only where AWS has no name."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from stacks import language_models
from stacks.config import Config
from stacks.language_models import ModelChoice


def allow(grantee: iam.IGrantable, actions: list[str], *resources: str) -> None:
    grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=list(resources)))


def on_table(grantee: iam.IGrantable, table: dynamodb.ITable, *actions: str) -> None:
    """`actions` as DynamoDB names them; a transaction needs the permission of each of its parts."""
    allow(grantee, [f"dynamodb:{action}" for action in actions], table.table_arn)


def on_items(grantee: iam.IGrantable, table: dynamodb.ITable, prefix: str, *actions: str) -> None:
    """Only items whose partition key begins so."""
    statement = iam.PolicyStatement(
        actions=[f"dynamodb:{action}" for action in actions],
        resources=[table.table_arn],
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{prefix}*"]}},
    )
    grantee.grant_principal.add_to_principal_policy(statement)


def leave_seats(grantee: iam.IGrantable, sessions: dynamodb.ITable) -> None:
    """Whoever may end a session gives up its seat in the same write."""
    on_items(grantee, sessions, "seats#", "DeleteItem")


def read_usage(grantee: iam.IGrantable, sessions: dynamodb.ITable) -> None:
    """What an organization has used of its credits."""
    on_items(grantee, sessions, "usage#", "BatchGetItem")


def find_keys(grantee: iam.IGrantable, access: dynamodb.ITable) -> None:
    """By one hash, or by several while there are several peppers; with the organization of the key."""
    on_table(grantee, access, "GetItem", "BatchGetItem")


def query_index(grantee: iam.IGrantable, table: dynamodb.ITable, index: str) -> None:
    allow(grantee, ["dynamodb:Query"], f"{table.table_arn}/index/{index}")


def read_objects(grantee: iam.IGrantable, bucket: s3.IBucket, below: str) -> None:
    allow(grantee, ["s3:GetObject"], bucket.arn_for_objects(f"{below}/*"))
    # Without it S3 says "forbidden" of an object that is not there.
    allow(grantee, ["s3:ListBucket"], bucket.bucket_arn)


def read_models(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    """Objects below one prefix of a bucket that is not of this deployment; nothing is listed."""
    allow(grantee, ["s3:GetObject"], f"arn:{stack.partition}:s3:::{config.models.removeprefix('s3://')}/*")


def write_objects(grantee: iam.IGrantable, bucket: s3.IBucket, below: str) -> None:
    allow(grantee, ["s3:PutObject", "s3:AbortMultipartUpload"], bucket.arn_for_objects(f"{below}/*"))


def delete_objects(grantee: iam.IGrantable, bucket: s3.IBucket) -> None:
    """By prefix, so that also the objects of a name must be listed."""
    allow(grantee, ["s3:DeleteObject"], bucket.arn_for_objects("*"))
    allow(grantee, ["s3:ListBucket"], bucket.bucket_arn)


def manage_knowledge(grantee: iam.IGrantable, sessions: dynamodb.ITable, documents: s3.IBucket, below: str) -> None:
    """Beside what every session needs. Whoever puts documents signs uploads of others too."""
    on_items(grantee, sessions, "knowledge#", "UpdateItem", "DeleteItem")
    allow(grantee, ["s3:PutObject"], documents.arn_for_objects(f"{below}/*"))
    delete_objects(grantee, documents)


def send_to_inboxes(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    allow(grantee, ["sqs:GetQueueUrl", "sqs:SendMessage"], _inboxes(stack, config))


def own_inbox(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    """What a worker needs to open, read and close the queue it is commanded through."""
    actions = ("CreateQueue", "GetQueueUrl", "GetQueueAttributes", "ReceiveMessage", "DeleteMessage", "DeleteQueue")
    allow(grantee, [f"sqs:{action}" for action in actions], _inboxes(stack, config))


def read_connections(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    """Carriers' credentials, which operators add when the deployment has long been there."""
    allow(
        grantee,
        ["secretsmanager:GetSecretValue"],
        _secrets(stack, f"{config.connection_secrets}/*"),
    )


def write_trunk_secrets(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    """Passwords of SIP trunks, which customers give; to write and to delete, and not to read."""
    actions = ["CreateSecret", "PutSecretValue", "DeleteSecret"]
    allow(
        grantee,
        [f"secretsmanager:{action}" for action in actions],
        _secrets(stack, f"{config.connection_secrets}/trunks/*"),
    )


def read_trunk_secrets(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    allow(
        grantee,
        ["secretsmanager:GetSecretValue"],
        _secrets(stack, f"{config.connection_secrets}/trunks/*"),
    )


def take_from_queues(grantee: iam.IGrantable, queues: Sequence[sqs.IQueue]) -> None:
    allow(grantee, ["sqs:ReceiveMessage", "sqs:DeleteMessage"], *(queue.queue_arn for queue in queues))


def invoke(grantee: iam.IGrantable, functions: Sequence[lambda_.IFunction]) -> None:
    """As they are now: no version, no alias."""
    allow(grantee, ["lambda:InvokeFunction"], *(function.function_arn for function in functions))


def put_events(grantee: iam.IGrantable, stack: Stack, config: Config) -> None:
    """By the bus's name, for those who are deployed before it."""
    bus = stack.format_arn(service="events", resource="event-bus", resource_name=config.bus_name)
    allow(grantee, ["events:PutEvents"], bus)


def protect_tasks(grantee: iam.IGrantable, cluster: ecs.ICluster) -> None:
    """A task asks for its own protection, under a name that ECS gives it when it starts."""
    tasks = Stack.of(cluster).format_arn(service="ecs", resource="task", resource_name=f"{cluster.cluster_name}/*")
    allow(grantee, ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], tasks)


def ask_for_release(grantee: iam.IGrantable, cluster: ecs.ICluster) -> None:
    """Which release of its service is meant to run; the service's name is made after the worker's role."""
    services = Stack.of(cluster).format_arn(
        service="ecs", resource="service", resource_name=f"{cluster.cluster_name}/*"
    )
    allow(grantee, ["ecs:DescribeServices"], services)


def find_own_address(grantee: iam.IGrantable) -> None:
    """Which public address a task's network interface has. EC2's Describe actions know no resources."""
    allow(grantee, ["ec2:DescribeNetworkInterfaces"], "*")


def call_speech_services(grantee: iam.IGrantable) -> None:
    """What the engine set `aws` calls, each by the one action that it uses. Streams have no name, nor have texts."""
    actions = ["transcribe:StartStreamTranscriptionWebSocket", "translate:TranslateText", "polly:SynthesizeSpeech"]
    allow(grantee, actions, "*")


def ask_language_model(grantee: iam.IGrantable, stack: Stack, choice: ModelChoice) -> None:
    """Models of Bedrock by their names, as streams, which is how they are asked; and the key of another provider."""
    models = [resource for id_ in choice.ids for resource in language_models.resources(id_, stack)]
    if models:
        allow(grantee, ["bedrock:InvokeModelWithResponseStream"], *models)
    if choice.secret is not None:
        allow(grantee, ["secretsmanager:GetSecretValue"], choice.secret)


def _inboxes(stack: Stack, config: Config) -> str:
    return stack.format_arn(service="sqs", resource=f"{config.inbox_prefix}*", arn_format=ArnFormat.NO_RESOURCE_NAME)


def _secrets(stack: Stack, name: str) -> str:
    return stack.format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def send_to_queue(grantee: iam.IGrantable, queue: sqs.IQueue) -> None:
    allow(grantee, ["sqs:SendMessage"], queue.queue_arn)


def send_to_queue_by_name(grantee: iam.IGrantable, queue: sqs.IQueue) -> None:
    """For those who read the queue's name in a message."""
    allow(grantee, ["sqs:GetQueueUrl", "sqs:SendMessage"], queue.queue_arn)


def push_to_sockets(grantee: iam.IGrantable, stack: Stack, api_id: str, stage: str) -> None:
    arn = stack.format_arn(service="execute-api", resource=api_id, resource_name=f"{stage}/POST/@connections/*")
    allow(grantee, ["execute-api:ManageConnections"], arn)
