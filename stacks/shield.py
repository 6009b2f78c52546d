"""AWS WAF in front of the edge. CloudFront takes rules of us-east-1 alone, wherever the deployment is."""

from __future__ import annotations

from aws_cdk import CfnOutput, Environment, Fn, Stack
from constructs import Construct

from stacks.config import Config
from stacks.constructs.firewall import Firewall

GLOBAL_REGION = "us-east-1"
_OUTPUT = "WebAclArn"


class ShieldStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, config: Config) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Kallglot: firewall of the edge",
            env=Environment(region=GLOBAL_REGION),
        )
        rules = Firewall(self, "Edge", config, covers={}, scope_of_rules="CLOUDFRONT").rules
        CfnOutput(self, _OUTPUT + "Output", value=rules.attr_arn).override_logical_id(_OUTPUT)

    @property
    def web_acl_arn(self) -> str:
        """As a stack of another region reads it when it is deployed, without anything that runs in between."""
        return Fn.get_stack_output(self.stack_name, _OUTPUT, GLOBAL_REGION)
