"""The key under which everything of customers is kept, in a deployment that has one of its own."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.config import Config

_USES = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey")


class DataKey(kms.Key):
    """Used through `services` of this account by whoever may use those: the policy that AWS gives its own keys.

    So a right to read a table is the right to read it, and there is no second list of roles to keep in step. A key
    that is lost loses all data with it: it stays when its stack goes, and waits for a month when somebody deletes it.
    """

    def __init__(self, scope: Construct, construct_id: str, config: Config, services: Sequence[str]) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"{config.prefix}: tables, recordings, secrets",
            alias=f"alias/{config.prefix}",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            removal_policy=config.removal_policy,
        )
        through = [f"{service}.{Aws.REGION}.{Aws.URL_SUFFIX}" for service in services]
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.AnyPrincipal()],
                actions=list(_USES),
                resources=["*"],
                conditions={
                    "StringEquals": {"kms:CallerAccount": Aws.ACCOUNT_ID, "kms:ViaService": through},
                },
            )
        )
