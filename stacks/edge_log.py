"""Who asked the edge for what, without query strings and cookies. CloudFront's logs are set up in us-east-1 alone."""

from __future__ import annotations

from aws_cdk import ArnFormat, Aws, Environment, Fn, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from stacks.config import Config
from stacks.front import DISTRIBUTION_OUTPUT
from stacks.shield import GLOBAL_REGION

# Of all that CloudFront could write, without `cs-uri-query`, `cs(Cookie)` and `cs(Referer)`: tokens may be in them. The
# path of a socket has a session's id and nothing that lets anybody in.
FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "x-edge-request-id",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
    "c-ip",
    "cs-protocol",
    "cs-protocol-version",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "cs(User-Agent)",
    "cs-bytes",
    "sc-status",
    "sc-bytes",
    "time-taken",
    "time-to-first-byte",
    "ssl-protocol",
)


class EdgeLogStack(Stack):
    """`front` is the stack of the distribution, in the region of the settings. Raises ValueError without one."""

    def __init__(self, scope: Construct, construct_id: str, config: Config, front: Stack) -> None:
        if not config.region:
            raise ValueError("edge_log=true needs region=<that of the deployment>, where the CDK has told none")
        super().__init__(
            scope, construct_id, description="Kallglot: access log of the edge", env=Environment(region=GLOBAL_REGION)
        )
        self.add_stack_dependency(front)
        distribution = Fn.get_stack_output(front.stack_name, DISTRIBUTION_OUTPUT, config.region)
        source = logs.CfnDeliverySource(
            self,
            "Source",
            name=f"{config.prefix}-edge",
            log_type="ACCESS_LOGS",
            resource_arn=self.format_arn(
                service="cloudfront", region="", resource="distribution", resource_name=distribution
            ),
        )
        group = logs.LogGroup(
            self, "AccessLog", retention=config.defaults.log_retention, removal_policy=RemovalPolicy.DESTROY
        )
        destination = logs.CfnDeliveryDestination(
            self,
            "Destination",
            name=f"{config.prefix}-edge",
            output_format="json",
            destination_resource_arn=group.log_group_arn,
        )
        delivery = logs.CfnDelivery(
            self,
            "Delivery",
            delivery_source_name=source.name,
            delivery_destination_arn=destination.attr_arn,
            record_fields=list(FIELDS),
        )
        delivery.add_resource_dependency(source)
        delivery.node.add_dependency(self._may_write(group))

    def _may_write(self, group: logs.LogGroup) -> IDependable:
        sources = self.format_arn(
            service="logs", resource="delivery-source", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        allowed = group.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[group.log_group_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": sources},
                },
            )
        )
        assert allowed.policy_dependable
        return allowed.policy_dependable
