"""What is found where calls come in by SIP, and why it stays. Read by `stacks.acknowledgements`."""

from __future__ import annotations

from collections.abc import Iterator

from stacks.known import Known

_SOLUTIONS = "AwsSolutions::AwsSolutions-"


def acknowledged_sip(secrets: str) -> Iterator[Known]:
    """`secrets`: the ARN of all secrets of connections, with a star for what is theirs."""
    yield Known("sip/Dials/Failed", "Serverless::Serverless-SQSRedrivePolicy", "This is the queue of the failed itself")
    yield Known(
        "sip/Gateways/Task/TaskRole",
        f"{_SOLUTIONS}IAM5[Resource::{secrets.removesuffix('*')}trunks/*]",
        "Customers give the passwords of their SIP trunks when all this is deployed, and a gateway calls by them",
    )
    yield Known(
        "sip/Gateways/Task", f"{_SOLUTIONS}ECS2", "Names and numbers; secrets are given by ARN and read at run time"
    )
    yield Known(
        "sip/Gateways/Task/TaskRole",
        f"{_SOLUTIONS}IAM5[Resource::*]",
        "A task asks which public address its network interface has; EC2 cuts that question to no resource",
    )
    yield Known(
        "sip/Gateways/Task/TaskRole",
        f"{_SOLUTIONS}IAM5[Resource::arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>:task/<GatewaysCluster237ECD5D>/*]",
        "A task protects itself, under a name that ECS gives it at its start",
    )
    yield Known(
        "sip/Sip/Balancer",
        f"{_SOLUTIONS}ELB2",
        "A network load balancer logs TLS connections alone, and of those no more than the gateway's own log has",
    )
    for group in ("Gateways/Gateways", "Sip/Group"):
        yield Known(
            f"sip/{group}",
            f"{_SOLUTIONS}EC23",
            "Telephone systems call from anywhere; who may is said by each organization, and checked by the gateway",
        )
