"""Calls from telephone systems, by SIP: a gateway that takes them and leads their sound into sessions."""

from __future__ import annotations

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.dial_queue import DialQueue
from stacks.constructs.sip_balancer import TLS_PORT, SipBalancer
from stacks.constructs.sip_service import (
    HEALTH_PORT,
    RTP_FIRST_PORT,
    RTP_LAST_PORT,
    SIP_PORT,
    SIP_TLS_PORT,
    SipService,
)
from stacks.data import DataStack
from stacks.names import NamesStack

# By name, port and priority: a telephone system that may choose begins with what needs no connection.
_SERVED = (("_sip._udp", SIP_PORT, 10), ("_sip._tcp", SIP_PORT, 20))
_SERVED_BY_TLS = ("_sips._tcp", TLS_PORT, 10)


class SipStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        vpc: ec2.IVpc,
        data: DataStack,
        stream_url: str,
        names: NamesStack | None,
    ) -> None:
        """`stream_url`: how sockets reach the media workers, from inside the network where that is possible."""
        super().__init__(scope, construct_id, description="Kallglot: SIP gateways behind a load balancer")
        self._config = config
        certificate = self._certificate(names)
        self.dials = DialQueue(self, "Dials", config).queue
        environment = {
            **_environment(config, data, stream_url, tls=certificate is not None),
            "DIAL_QUEUE_URL": self.dials.queue_url,
        }
        self._gateways = SipService(self, "Gateways", config, vpc, environment)
        self._balancer = SipBalancer(self, "Sip", config, vpc, self._gateways, certificate)
        self.host = config.sip_name or self._balancer.balancer.load_balancer_dns_name
        # Known when the balancer is there, which needs the task to be declared.
        container = self._gateways.task.default_container
        assert container is not None
        container.add_environment("SIP_DOMAIN", self.host if config.sip_name is None else config.sip_domain)
        self._grant(self._gateways.task, data)
        if names is not None:
            self._name(names)
        if config.has_alarms:
            self._alarm()
        self._tell()

    def _certificate(self, names: NamesStack | None) -> acm.ICertificate | None:
        """One of its own: another name in that of the rest would replace it, and what it is used by holds on to it."""
        if names is not None:
            return acm.Certificate(
                self,
                "Certificate",
                domain_name=self._config.named("sip"),
                validation=acm.CertificateValidation.from_dns(names.zone(self)),
            )
        if self._config.sip_certificate is None:
            return None
        return acm.Certificate.from_certificate_arn(self, "Certificate", self._config.sip_certificate)

    def _grant(self, task: ecs.TaskDefinition, data: DataStack) -> None:
        role = task.task_role
        grants.on_table(role, data.sessions, "GetItem", "Query", "PutItem")
        grants.on_items(role, data.sessions, "sipcalls#", "UpdateItem", "DeleteItem")
        grants.on_table(role, data.access, "GetItem")
        grants.on_table(role, data.outbox, "PutItem")
        data.stream_token_key.grant_read(role)
        grants.take_from_queues(role, [self.dials])
        grants.read_trunk_secrets(role, self, self._config)
        grants.find_own_address(role)
        grants.protect_tasks(role, self._gateways.cluster)

    def _name(self, names: NamesStack) -> None:
        host = self._config.named("sip")
        names.lead(self, host, targets.LoadBalancerTarget(self._balancer.balancer))
        for service, port, priority in (*_SERVED, _SERVED_BY_TLS):
            names.serve(self, service, host, port, priority)

    def _alarm(self) -> None:
        comparison, missing = cloudwatch.ComparisonOperator, cloudwatch.TreatMissingData
        self._balancer.target.metrics.healthy_host_count(statistic="Maximum").create_alarm(
            self,
            "NoGateway",
            alarm_description="Telephone systems reach nobody: no SIP gateway is up",
            threshold=1,
            evaluation_periods=1,
            comparison_operator=comparison.LESS_THAN_THRESHOLD,
            treat_missing_data=missing.BREACHING,
        )

    def _tell(self) -> None:
        told = {
            "SipHost": self.host,
            "SipUri": f"sip:{{session_id}}@{self.host}",
            "SipCluster": self._gateways.cluster.cluster_name,
            "SipService": self._gateways.service.service_name,
            "SipTaskDefinitionArn": self._gateways.task.task_definition_arn,
            "SipTaskRoleArn": self._gateways.task.task_role.role_arn,
        }
        for name, value in told.items():
            CfnOutput(self, name + "Output", value=value).override_logical_id(name)


def _environment(config: Config, data: DataStack, stream_url: str, *, tls: bool) -> dict[str, str]:
    return {
        "SESSIONS_TABLE": data.sessions.table_name,
        "ACCESS_TABLE": data.access.table_name,
        "OUTBOX_TABLE": data.outbox.table_name,
        "STREAM_TOKEN_SECRET_ARN": data.stream_token_key.secret_arn,
        "STREAM_URL": stream_url,
        # All of the task's own addresses; what it is known by outside it asks EC2 for.
        "SIP_HOST": "0.0.0.0",  # noqa: S104 - inside its own network namespace, behind its security group
        "SIP_PUBLIC_HOST": "",
        "SIP_PORT": str(SIP_PORT),
        "SIP_TLS_PORT": str(SIP_TLS_PORT if tls else 0),
        "RTP_FIRST_PORT": str(RTP_FIRST_PORT),
        "RTP_LAST_PORT": str(RTP_LAST_PORT),
        "HEALTH_PORT": str(HEALTH_PORT),
        "MAX_CALLS": str(config.sip_max_calls),
        "IDLE_TIMEOUT_S": str(config.idle_timeout_s),
        "RECONNECT_WINDOW_S": str(config.reconnect_window_s),
        "LOCAL_TARGETS": str(config.defaults.local_targets).lower(),
        "LOG_LEVEL": config.defaults.log_level,
        "METRICS_NAMESPACE": config.metrics_namespace,
        # boto3 looks for this name only, and ECS sets the other one.
        "AWS_DEFAULT_REGION": Aws.REGION,
    }
