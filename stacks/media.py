"""Where the sound goes: load balancer, media worker service."""

from __future__ import annotations

from aws_cdk import Aws, CfnOutput, Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.engine_alarms import EngineAlarms
from stacks.constructs.firewall import Firewall
from stacks.constructs.worker_service import PORT, RELAY_PORT, WorkerService
from stacks.data import CHUNKS, PASSAGES, DataStack
from stacks.names import NamesStack


class MediaStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        vpc: ec2.IVpc,
        data: DataStack,
        names: NamesStack | None,
    ) -> None:
        super().__init__(scope, construct_id, description="Kallglot: media workers behind a load balancer")
        workers = WorkerService(self, "Workers", config, vpc, _environment(config, data))
        self._grant(workers.task, config, data)
        grants.protect_tasks(workers.task.task_role, workers.cluster)
        grants.ask_for_release(workers.task.task_role, workers.cluster)
        if config.engine_fallback:
            EngineAlarms(self, "Engines", config, workers.log)
        self.balancer = self._balancer(config, vpc, workers, names)
        # Behind the edge it has another one, which the edge itself tells.
        self.stream_base_url = config.stream_origin or f"ws://{self.balancer.load_balancer_dns_name}"
        if not config.edge:
            CfnOutput(self, "StreamUrlOutput", value=self.stream_base_url).override_logical_id("StreamUrl")
        if names is not None:
            names.lead(self, config.named("stream"), targets.LoadBalancerTarget(self.balancer))
        # The edge has one of its own (`stacks.shield`).
        if config.has_firewall and not config.edge:
            Firewall(self, "Streams", config, {"Balancer": self.balancer.load_balancer_arn})
        self._tell(workers)

    def _grant(self, task: ecs.TaskDefinition, config: Config, data: DataStack) -> None:
        grants.on_table(task.task_role, data.sessions, "GetItem", "Query", "PutItem", "UpdateItem")
        grants.leave_seats(task.task_role, data.sessions)
        grants.on_table(task.task_role, data.access, "GetItem", "PutItem", "DeleteItem")
        grants.on_table(task.task_role, data.outbox, "PutItem")
        grants.write_objects(task.task_role, data.recordings, CHUNKS)
        grants.read_objects(task.task_role, data.knowledge, PASSAGES)
        data.stream_token_key.grant_read(task.task_role)
        grants.own_inbox(task.task_role, self, config)
        grants.put_events(task.task_role, self, config)
        if config.uses("aws"):
            grants.call_speech_services(task.task_role)
        grants.ask_language_model(task.task_role, self, config.model_choice)
        if config.models.startswith("s3://"):
            grants.read_models(task.task_role, self, config)

    def _balancer(
        self, config: Config, vpc: ec2.IVpc, workers: WorkerService, names: NamesStack | None
    ) -> elb.ApplicationLoadBalancer:
        balancer = elb.ApplicationLoadBalancer(
            self,
            "Balancer",
            vpc=vpc,
            # Begins its address, and so what clients of a cell are told. Without a cell, CloudFormation makes one up.
            load_balancer_name=config.prefix if config.cell else None,
            internet_facing=not config.edge,
            vpc_subnets=ec2.SubnetSelection(subnets=vpc.private_subnets or vpc.public_subnets) if config.edge else None,
            # Twice the pause that a silent client may make between two pings.
            idle_timeout=Duration.seconds(120),
            drop_invalid_header_fields=True,
            deletion_protection=config.defaults.keeps_data,
        )
        certificate = names.certificate.certificate_arn if names else config.certificate
        _listener(balancer, certificate).add_targets(
            "Worker",
            port=PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            targets=[workers.service],
            # The only algorithm that sees how many sockets a target holds.
            load_balancing_algorithm_type=elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            # A call that is running when its worker is replaced may go on for an hour.
            deregistration_delay=Duration.seconds(3600),
            # Alive, never "full": a target that fails this check is killed with the calls that it holds.
            health_check=elb.HealthCheck(path="/healthz", interval=Duration.seconds(15), timeout=Duration.seconds(5)),
        )
        return balancer

    def _tell(self, workers: WorkerService) -> None:
        told = {
            "Cluster": workers.cluster.cluster_name,
            "Service": workers.service.service_name,
            "TaskDefinitionArn": workers.task.task_definition_arn,
            "TaskRoleArn": workers.task.task_role.role_arn,
        }
        for name, value in told.items():
            CfnOutput(self, name + "Output", value=value).override_logical_id(name)


def _listener(balancer: elb.ApplicationLoadBalancer, certificate: str | None) -> elb.ApplicationListener:
    """Without a certificate somebody else speaks TLS in front; with one, nothing is heard in the clear."""
    if not certificate:
        return balancer.add_listener("Http", port=80, protocol=elb.ApplicationProtocol.HTTP)
    return balancer.add_listener(
        "Https",
        port=443,
        protocol=elb.ApplicationProtocol.HTTPS,
        certificates=[elb.ListenerCertificate.from_arn(certificate)],
        ssl_policy=elb.SslPolicy.RECOMMENDED_TLS,
    )


def _environment(config: Config, data: DataStack) -> dict[str, str]:
    return {
        "SESSIONS_TABLE": data.sessions.table_name,
        "ACCESS_TABLE": data.access.table_name,
        "OUTBOX_TABLE": data.outbox.table_name,
        "RECORDINGS_BUCKET": data.recordings.bucket_name,
        "KNOWLEDGE_BUCKET": data.knowledge.bucket_name,
        "STREAM_TOKEN_SECRET_ARN": data.stream_token_key.secret_arn,
        "INBOX_PREFIX": config.inbox_prefix,
        "EVENT_BUS": config.bus_name,
        "IDLE_TIMEOUT_S": str(config.idle_timeout_s),
        "RECONNECT_WINDOW_S": str(config.reconnect_window_s),
        "KALLGLOT_ENGINES": config.engines,
        "ENGINE_OPTIONS": config.engine_options,
        "ENGINE_FALLBACK": config.engine_fallback,
        "ENGINE_FALLBACK_OPTIONS": config.engine_fallback_options,
        **config.model_choice.environment,
        "MODELS_DIR": "/models",
        "MODELS_SOURCE": config.models,
        "ENGINE_PROCESSES": str(config.engine_processes),
        "PORT": str(PORT),
        "RELAY_PORT": str(RELAY_PORT),
        "MAX_SESSIONS": str(config.max_sessions),
        "LOG_LEVEL": config.defaults.log_level,
        "METRICS_NAMESPACE": config.metrics_namespace,
        # boto3 looks for this name only, and ECS sets the other one.
        "AWS_DEFAULT_REGION": Aws.REGION,
    }
