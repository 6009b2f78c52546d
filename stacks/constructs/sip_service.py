"""The SIP gateway as an ECS service: tasks with public addresses, to which telephones send their sound themselves."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks import metrics
from stacks.config import Config
from stacks.constructs.rollout import let_calls_end_by_themselves
from stacks.constructs.worker_image import image, platform
from stacks.prices import SIP_GB, SIP_VCPU

SIP_PORT = 5060
SIP_TLS_PORT = 5062
"""What came to the load balancer by TLS, without it: to a port of its own, so that the gateway knows."""
HEALTH_PORT = 8090
RTP_FIRST_PORT, RTP_LAST_PORT = 16384, 17407
CONTAINER = "gateway"
_STOP_TIMEOUT = Duration.seconds(120)
_LOAD_PERCENT, _CPU_PERCENT = 60, 50
_OUT_AGAIN, _IN_AGAIN = Duration.seconds(30), Duration.minutes(10)


class SipService(Construct):
    """Cluster, task and service; the load balancer is the caller's."""

    def __init__(
        self, scope: Construct, construct_id: str, config: Config, vpc: ec2.IVpc, environment: Mapping[str, str]
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self.cluster = ecs.Cluster(self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENABLED)
        self.security_group = self._open(ec2.SecurityGroup(self, "Gateways", vpc=vpc, description="SIP gateways"))
        self.task = self._task(environment)
        at_least, at_most = config.sip_tasks
        self.service = self._service(vpc, None if at_least < at_most else at_least)
        let_calls_end_by_themselves(self.service)
        if at_least < at_most:
            self._scale(at_least, at_most)

    def _open(self, group: ec2.SecurityGroup) -> ec2.SecurityGroup:
        """To everybody. What belongs to a call comes past the load balancer, to the task that took it."""
        anybody = ec2.Peer.any_ipv4()
        for port in (ec2.Port.udp(SIP_PORT), ec2.Port.tcp(SIP_PORT)):
            group.add_ingress_rule(anybody, port, "Signalling")
        group.add_ingress_rule(anybody, ec2.Port.udp_range(RTP_FIRST_PORT, RTP_LAST_PORT), "Sound")
        return group

    def _task(self, environment: Mapping[str, str]) -> ecs.FargateTaskDefinition:
        task = ecs.FargateTaskDefinition(
            self,
            "Task",
            cpu=int(1024 * SIP_VCPU),
            memory_limit_mib=1024 * SIP_GB,
            runtime_platform=platform(self._config),
        )
        log = logs.LogGroup(
            self, "Log", retention=self._config.defaults.log_retention, removal_policy=self._config.removal_policy
        )
        task.add_container(
            CONTAINER,
            image=image(self._config),
            entry_point=["python", "-m", "media_worker.sip"],
            environment=dict(environment),
            port_mappings=[
                ecs.PortMapping(container_port=SIP_PORT, protocol=ecs.Protocol.UDP),
                ecs.PortMapping(container_port=SIP_PORT, protocol=ecs.Protocol.TCP),
                ecs.PortMapping(container_port=SIP_TLS_PORT),
                ecs.PortMapping(container_port=HEALTH_PORT),
            ],
            stop_timeout=_STOP_TIMEOUT,
            logging=ecs.LogDrivers.aws_logs(stream_prefix="sip", log_group=log),
        )
        return task

    def _service(self, vpc: ec2.IVpc, count: int | None) -> ecs.FargateService:
        """No count where gateways are scaled: a deployment would set it back while calls run."""
        return ecs.FargateService(
            self,
            "Service",
            cluster=self.cluster,
            task_definition=self.task,
            desired_count=count,
            security_groups=[self.security_group],
            vpc_subnets=ec2.SubnetSelection(subnets=vpc.public_subnets),
            assign_public_ip=True,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
            health_check_grace_period=Duration.seconds(60),
        )

    def _scale(self, at_least: int, at_most: int) -> None:
        """By how full they say they are, and by their processors: sound is what a gateway works at, 50 packets a second
        each way and call.

        One with calls has asked ECS to be left alone (`media_worker/protection.py`), so fewer means those without.
        """
        gateways: ecs.ScalableTaskCount = self.service.auto_scale_task_count(
            min_capacity=at_least, max_capacity=at_most
        )
        load = metrics.of_gateway(self._config, "Load", "Average").with_(period=Duration.minutes(1))
        gateways.scale_to_track_custom_metric(
            "Load",
            metric=load,
            target_value=_LOAD_PERCENT,
            scale_out_cooldown=_OUT_AGAIN,
            scale_in_cooldown=_IN_AGAIN,
        )
        gateways.scale_on_cpu_utilization(
            "Cpu",
            target_utilization_percent=_CPU_PERCENT,
            scale_out_cooldown=_OUT_AGAIN,
            scale_in_cooldown=_IN_AGAIN,
        )
