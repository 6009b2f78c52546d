"""The VPC that holds the load balancer and the media workers; no function runs inside it."""

from __future__ import annotations

from aws_cdk import Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import Config

_RANGE = "10.0.0.0/16"


class NetworkStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, config: Config) -> None:
        super().__init__(scope, construct_id, description="Kallglot: VPC of the media workers")
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(_RANGE),
            # By number, because no account is asked for its zones.
            availability_zones=[Fn.select(number, Fn.get_azs()) for number in range(config.zone_count)],
            nat_gateways=config.nat_gateways,
            subnet_configuration=_subnets(config),
            # Emptying the default security group takes a custom resource; nothing here uses that group.
            restrict_default_security_group=False,
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
                "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
            },
        )
        if config.has_endpoints:
            self._endpoints(config)
        rejected = logs.LogGroup(
            self, "RejectedTraffic", retention=config.defaults.log_retention, removal_policy=config.removal_policy
        )
        self.vpc.add_flow_log(
            "Rejected",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(rejected),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )

    def _endpoints(self, config: Config) -> None:
        group = ec2.SecurityGroup(
            self, "Endpoints", vpc=self.vpc, allow_all_outbound=False, description="Services of AWS, for those inside"
        )
        group.add_ingress_rule(ec2.Peer.ipv4(_RANGE), ec2.Port.tcp(443), "Whoever is in the network")
        for name, reached in interface_endpoints(config).items():
            self.vpc.add_interface_endpoint(
                name,
                service=reached,
                open=False,
                security_groups=[group],
                subnets=ec2.SubnetSelection(subnets=self.vpc.private_subnets or self.vpc.public_subnets),
            )


def interface_endpoints(config: Config) -> dict[str, ec2.InterfaceVpcEndpointAwsService]:
    """Of what workers use all the time; what the engines of AWS are called through, where those run."""
    service = ec2.InterfaceVpcEndpointAwsService
    used = {
        "Images": service.ECR,
        "ImageLayers": service.ECR_DOCKER,
        "Logs": service.CLOUDWATCH_LOGS,
        "Secrets": service.SECRETS_MANAGER,
        "Queues": service.SQS,
        "Events": service.EVENTBRIDGE,
    }
    if config.uses("aws"):
        used |= {
            "Transcribe": service.TRANSCRIBE_STREAMING,
            "Translate": service.TRANSLATE,
            "Polly": service.POLLY,
        }
    if config.gpu != "none":
        used |= {"Ecs": service.ECS, "EcsAgent": service.ECS_AGENT, "EcsTelemetry": service.ECS_TELEMETRY}
    return used


def _subnets(config: Config) -> list[ec2.SubnetConfiguration]:
    public = ec2.SubnetConfiguration(
        name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=20, map_public_ip_on_launch=False
    )
    if not config.nat_gateways:
        return [public]
    private = ec2.SubnetConfiguration(name="Workers", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=18)
    return [public, private]
