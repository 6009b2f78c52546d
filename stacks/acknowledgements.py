"""Every finding of a rule pack that is not fixed, and why it stays. Those of the pack `Serverless` are in
`stacks.acknowledged_serverless`, those of SIP in `stacks.acknowledged_sip`, those of checkov in
`tests/iac/accepted.py`; there are no others.

`where` is a construct path below the deployment, with `*` for anything. One that matches nothing any more stops the
synthesis, so that this list cannot outlive what it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import aws_cdk as cdk
from constructs import Construct

from stacks.acknowledged_serverless import serverless
from stacks.acknowledged_sip import acknowledged_sip
from stacks.config import Config
from stacks.data import CHUNKS, FILES, PASSAGES, UPLOADS
from stacks.known import Known
from stacks.language_models import anywhere

_SOLUTIONS = "AwsSolutions::AwsSolutions-"


def acknowledge(scope: Construct, config: Config) -> None:
    constructs = {node.node.path.removeprefix(f"{config.prefix}-"): node for node in scope.node.find_all()}
    for known in _known(config):
        places = [construct for path, construct in constructs.items() if fnmatchcase(path, known.where)]
        if not places:
            raise ValueError(f"acknowledged, but nowhere to be found: {known}")
        for place in places:
            accepted = cdk.Acknowledgment(id=known.finding, reason=known.reason)
            cdk.Validations.of(place).acknowledge(accepted)


def _known(config: Config) -> Iterator[Known]:
    yield from _TRACES
    yield from _data()
    yield from _api()
    yield from _events(config)
    yield from _carriers(config)
    yield from _media(config)
    yield from _names(config)
    yield from serverless()
    if config.sip:
        yield from acknowledged_sip(_secrets(config))
    if config.uses("aws"):
        yield from _managed_engines()
    if config.edge:
        yield from _edge(config)
    if config.gpu != "none":
        yield from _gpu()
    if config.gpu == "mps":
        yield from _shared_gpu()


_TRACES = tuple(
    Known(
        f"{stack}/*.role",
        f"{_SOLUTIONS}IAM5[Resource::*]",
        "X-Ray's Put actions know no resources; of the relay also DynamoDB's ListStreams, which knows none either",
    )
    for stack in ("api", "events", "reconcile", "schedule", "telephony", "webhooks")
)


def _data() -> Iterator[Known]:
    yield Known(
        "data/ApiKeyPepper",
        f"{_SOLUTIONS}SMG4",
        "`kallglot secrets` rotates it; keys of older versions are good until an operator, and no clock, drops those",
    )
    yield Known(
        "data/StreamTokenKey",
        f"{_SOLUTIONS}SMG4",
        "`kallglot secrets` rotates it; tokens of older versions are good until an operator, and no clock, drops those",
    )
    yield Known(
        "data/WebhookKey",
        f"{_SOLUTIONS}SMG4",
        "Another key voids the secrets that every endpoint's owner verifies with; those are rotated one by one",
    )


def _api() -> Iterator[Known]:
    yield Known(
        "api/Rest/*",
        f"{_SOLUTIONS}COG4",
        "Callers are servers with API keys, not people with passwords: an authorizer of our own checks the keys",
    )
    yield Known(
        "api/Rest",
        f"{_SOLUTIONS}APIG2",
        "The function validates, because a refusal must name the field in the contract's error envelope",
    )
    for finding in ("APIG4", "COG4"):
        for path in ("openapi.json", "asyncapi.json", "docs"):
            reason = "Anybody may read what documents the API"
            yield Known(f"api/Rest/Default/v1/{path}/*", f"{_SOLUTIONS}{finding}", reason)
        yield Known("api/Rest/Default/*/ANY", f"{_SOLUTIONS}{finding}", "It says 405, and which methods there are")
    yield Known("api/Rest/*", f"{_SOLUTIONS}APIG3", "The web ACL belongs to the edge in front of this stage")


def _events(config: Config) -> Iterator[Known]:
    yield Known(
        "events/Watchers/*",
        f"{_SOLUTIONS}APIG4",
        "The function behind $connect authorizes, by API key or stream token; the other routes exist on its word",
    )
    yield Known(
        "events/GatewayLogs/Role",
        f"{_SOLUTIONS}IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]",
        "The role is the account's own for API Gateway's logs, and this policy is the one AWS documents for it",
    )
    for stack in ("events", "webhooks"):
        yield Known(f"{stack}/Failed", f"{_SOLUTIONS}SQS3", "This is the queue of the failed itself")
    yield Known(
        "events/*.role",
        f"{_SOLUTIONS}IAM5[Resource::arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:"
        "<Watchers4E9F4EE2>/live/POST/@connections/*]",
        "Connection ids are made by API Gateway when somebody connects",
    )


def _secrets(config: Config) -> str:
    return f"arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:{config.connection_secrets}/*"


def _carriers(config: Config) -> Iterator[Known]:
    yield Known(
        "api/Rest/Default/v1/telephony/*/*/*",
        f"{_SOLUTIONS}APIG4",
        "Carriers have no key of ours: the function checks the signature of the account behind the number",
    )
    secrets = _secrets(config)
    for role in ("api/telephony.webhooks.role", "telephony/telephony.dial.role"):
        yield Known(
            role, f"{_SOLUTIONS}IAM5[Resource::{secrets}]", "Operators connect organizations when all this is deployed"
        )
    yield Known(
        "api/rest.app.role",
        f"{_SOLUTIONS}IAM5[Resource::{secrets.removesuffix('*')}trunks/*]",
        "Customers give the passwords of their SIP trunks, one secret each, to write and not to read",
    )


def _media(config: Config) -> Iterator[Known]:
    yield Known(
        "media/Workers/Task", f"{_SOLUTIONS}ECS2", "Names and numbers; secrets are given by ARN and read at run time"
    )
    tasks = "arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/<WorkersCluster2E9BA3A7>/*"
    yield Known(
        "media/Workers/Task/TaskRole",
        f"{_SOLUTIONS}IAM5[Resource::{tasks}]",
        "A task protects itself, under a name that ECS gives it at its start",
    )
    yield Known(
        "media/Workers/Task/TaskRole",
        f"{_SOLUTIONS}IAM5[Resource::{tasks.replace(':task/', ':service/')}]",
        "It asks what its own service is meant to run; the service is named after the role is made",
    )
    if config.models.startswith("s3://"):
        yield Known(
            "media/Workers/Task/TaskRole",
            f"{_SOLUTIONS}IAM5[Resource::arn:<AWS::Partition>:s3:::{config.models.removeprefix('s3://')}/*]",
            "The files of the models, which their lock names; it lies below the same prefix",
        )
    for model in anywhere(config.model_choice.ids):
        yield Known(
            "media/Workers/Task/TaskRole",
            f"{_SOLUTIONS}IAM5[Resource::arn:<AWS::Partition>:bedrock:*::foundation-model/{model}]",
            "An inference profile chooses the region in which the model answers",
        )
    yield Known(
        "media/Balancer", f"{_SOLUTIONS}ELB2", "Access logs would keep query strings, in which stream tokens may travel"
    )
    yield Known("media/Balancer/SecurityGroup", f"{_SOLUTIONS}EC23", "Carriers and browsers come from anywhere")


_COMMANDERS = (
    "media/Workers/Task/TaskRole",
    "api/rest.app.role",
    "schedule/scheduled.sweep.role",
    "events/events.push.role",
    "events/events.push_partial.role",
    "events/websocket.end_session.role",
    "events/websocket.ping.role",
    "events/websocket.subscribe.role",
)


def _names(config: Config) -> Iterator[Known]:
    """Wildcards below a name of ours."""
    inboxes = f"arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:{config.inbox_prefix}*"
    for role in _COMMANDERS:
        yield Known(
            role, f"{_SOLUTIONS}IAM5[Resource::{inboxes}]", "A worker names its inbox after itself when it starts"
        )
    recordings = f"{config.prefix}-data:ExportsOutputFnGetAttRecordingsA3BDCC51Arn3BFBEDAD"
    for role, places in {
        "media/Workers/Task/TaskRole": (f"{CHUNKS}/*",),
        "events/events.finalize_recording.role": ("*", f"{CHUNKS}/*", f"{FILES}/*"),
        "api/rest.app.role": ("*", f"{FILES}/*"),
    }.items():
        for place in places:
            resource = f"{_SOLUTIONS}IAM5[Resource::{recordings}/{place}]"
            yield Known(role, resource, "Objects are named after sessions")
    documents = f"{config.prefix}-data:ExportsOutputFnGetAttKnowledgeB6F5C7B3Arn0CBC0F73"
    for role, places in {
        "media/Workers/Task/TaskRole": (f"{PASSAGES}/*",),
        "events/events.index_document.role": ("*", f"{UPLOADS}/*", f"{PASSAGES}/*"),
        "api/rest.app.role": ("*", f"{UPLOADS}/*"),
    }.items():
        for place in places:
            resource = f"{_SOLUTIONS}IAM5[Resource::{documents}/{place}]"
            yield Known(role, resource, "Objects are named after knowledge bases and documents")
    for stack, function in (("schedule", "scheduledsweepC87F2ABD"), ("reconcile", "scheduledreconcile31DA850B")):
        yield Known(
            f"{stack}/SchedulerRoleForTarget-*",
            f"{_SOLUTIONS}IAM5[Resource::<{function}.Arn>:*]",
            "CDK's permission to invoke a function names its versions too",
        )


def _edge(config: Config) -> Iterator[Known]:
    yield Known("api/Page/Files", f"{_SOLUTIONS}S1", "CloudFront alone reads these files, which anybody may have")
    where = "api/Edge/Distribution"
    yield Known(where, f"{_SOLUTIONS}CFR1", "Callers are wherever the company's customers are")
    if not config.has_firewall:
        yield Known(where, f"{_SOLUTIONS}CFR2", "Nobody pays for a firewall who did not ask for one, or for production")
    reason = "Logs of this kind keep query strings, in which stream tokens may travel; those of `edge_log` do not"
    yield Known(where, f"{_SOLUTIONS}CFR3", reason)
    yield Known(
        where, f"{_SOLUTIONS}CFR4", "With its own certificate CloudFront takes no newer TLS policy than its oldest"
    )
    yield Known(where, f"{_SOLUTIONS}CFR5", "A VPC origin is reached inside AWS's network")


def _managed_engines() -> Iterator[Known]:
    yield Known(
        "media/Workers/Task/TaskRole",
        f"{_SOLUTIONS}IAM5[Resource::*]",
        "Transcribe's streams have no resource, nor have texts for Translate and Polly where no lexicon is used",
    )


def _gpu() -> Iterator[Known]:
    yield Known(
        "media/Workers/Gpus/GpusRole",
        f"{_SOLUTIONS}IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/"
        "AmazonECSInfrastructureRolePolicyForManagedInstances]",
        "ECS starts and ends the instances; AWS keeps this policy in step with what that takes",
    )
    container_instances = "arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:container-instance/*"
    for resource in ("*", container_instances):
        yield Known(
            "media/Workers/Gpus/InstanceRole",
            f"{_SOLUTIONS}IAM5[Resource::{resource}]",
            "The role that CDK gives every managed instance: it registers itself under a name made at its start",
        )


def _shared_gpu() -> Iterator[Known]:
    for rule in ("F3002", "F3003"):
        yield Known(
            "media/Workers/Task",
            f"CloudFormation-Validate::{rule}",
            "The schema in this CDK is older than GPU sharing, which stands where the number of GPUs stood",
        )
