"""What must outlive every process: four tables, the recordings, the attempts at webhooks that wait, secrets."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import Config
from stacks.constructs.data_key import DataKey
from stacks.constructs.queue import FailedQueue, Queue

# Where a recording's raw pieces lie in its bucket, and the files made of them.
CHUNKS, FILES = "chunks", "recordings"
# Where documents lie in theirs, and the passages that they were cut into.
UPLOADS, PASSAGES = "documents", "passages"
_STRING = dynamodb.AttributeType.STRING


class DataStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, config: Config) -> None:
        super().__init__(scope, construct_id, description="Kallglot: tables, recordings, secrets")
        self._config = config
        self._key = self._own_key() if config.has_own_key else None
        self.sessions = self._sessions()
        self.access = self._table("Access")
        self.deliveries = self._deliveries()
        self.outbox = self._outbox()
        self.handoffs = self._handoffs()
        self._access_logs = self._bucket("RecordingsAccessLogs", {"": config.defaults.access_logs_kept_days})
        self.recordings = self._recordings()
        self.knowledge = self._knowledge()
        self.api_key_pepper = self._secret("ApiKeyPepper", "Keys the hashes under which API keys are stored")
        self.stream_token_key = self._secret("StreamTokenKey", "Derives stream tokens")
        self.webhook_key = self._secret("WebhookKey", "Derives the secrets that webhooks are signed with")
        self._tell()

    def _own_key(self) -> kms.IKey:
        """By its ARN: its policy names no role, and so nothing here waits for the stacks that have them."""
        key = DataKey(self, "Key", self._config, ("dynamodb", "s3", "secretsmanager"))
        return kms.Key.from_key_arn(self, "KeyByArn", key.key_arn)

    def _sessions(self) -> dynamodb.Table:
        table = self._table("Sessions", sort_key=True)
        table.add_global_secondary_index(
            index_name="by_tenant",
            partition_key=_attribute("tenant"),
            sort_key=_attribute("created_key"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        # A list of the few that run must not read over the many that ended.
        table.add_global_secondary_index(
            index_name="by_status",
            partition_key=_attribute("tenant_status"),
            sort_key=_attribute("created_key"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name="due",
            partition_key=_attribute("due_shard"),
            sort_key=_attribute("due_at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        return table

    def _deliveries(self) -> dynamodb.Table:
        table = self._table("Deliveries", sort_key=True)
        table.add_global_secondary_index(
            index_name="by_target",
            partition_key=_attribute("sk"),
            sort_key=_attribute("pk"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name="due",
            partition_key=_attribute("due_shard"),
            sort_key=_attribute("due_at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        return table

    def _outbox(self) -> dynamodb.Table:
        table = self._table("Outbox", stream=dynamodb.StreamViewType.NEW_IMAGE)
        # Sparse: what is not known to be on the bus.
        table.add_global_secondary_index(
            index_name="unpublished",
            partition_key=_attribute("unpublished_shard"),
            sort_key=_attribute("unpublished_at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        table.add_global_secondary_index(
            index_name="by_tenant",
            partition_key=_attribute("tenant"),
            sort_key=_attribute("event_id"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        return table

    def _handoffs(self) -> sqs.Queue:
        """A standard queue, fair between message groups. The records in the table are the truth: what is lost here,
        the sweep hands over again."""
        self.handoffs_failed = FailedQueue(self, "HandoffsFailed", self._config)
        return Queue(
            self,
            "Handoffs",
            self._config,
            retention=Duration.days(2),
            # Three times as long as an attempt may take, with all that is around it.
            visibility_timeout=Duration.minutes(3),
            dead_letters=sqs.DeadLetterQueue(max_receive_count=5, queue=self.handoffs_failed),
        )

    def _table(
        self, name: str, *, sort_key: bool = False, stream: dynamodb.StreamViewType | None = None
    ) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            name,
            partition_key=_attribute("pk"),
            sort_key=_attribute("sk") if sort_key else None,
            encryption=dynamodb.TableEncryption.CUSTOMER_MANAGED if self._key else None,
            encryption_key=self._key,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="expires_at",
            stream=stream,
            deletion_protection=self._config.defaults.keeps_data,
            removal_policy=self._config.removal_policy,
        )

    def _recordings(self) -> s3.Bucket:
        """Files live as long as `expires_at` says, or up to two days more: S3 counts from midnight to midnight."""
        kept = {
            f"{FILES}/": self._config.recording_retention_days,
            f"{CHUNKS}/": self._config.chunk_retention_days,
        }
        return self._bucket("Recordings", kept, self._access_logs, self._key)

    def _knowledge(self) -> s3.Bucket:
        """Documents stay until somebody deletes them. What comes in is told to EventBridge: said at the resource, since
        CDK's own way is a function with a role for itself."""
        bucket = self._bucket("Knowledge", {}, self._access_logs, self._key, "knowledge/")
        resource = bucket.node.default_child
        assert isinstance(resource, s3.CfnBucket)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        return bucket

    def _bucket(
        self,
        name: str,
        kept_days: Mapping[str, int],
        access_logs: s3.Bucket | None = None,
        key: kms.IKey | None = None,
        logged_below: str | None = None,
    ) -> s3.Bucket:
        """`kept_days` by prefix; the empty one is everything. S3 writes access logs under no key but its own."""
        return s3.Bucket(
            self,
            name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            # One request to KMS for many objects.
            bucket_key_enabled=bool(key) or None,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=logged_below,
            lifecycle_rules=[_forget(prefix, days) for prefix, days in kept_days.items()],
            # Never emptied by a deletion: that would take a custom resource, and recordings are not ours to drop.
            removal_policy=self._config.removal_policy,
        )

    def _secret(self, name: str, description: str) -> secrets.Secret:
        return secrets.Secret(
            self,
            name,
            description=description,
            encryption_key=self._key,
            generate_secret_string=secrets.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=self._config.removal_policy,
        )

    def _tell(self) -> None:
        told = {
            "SessionsTable": self.sessions.table_name,
            "AccessTable": self.access.table_name,
            "DeliveriesTable": self.deliveries.table_name,
            "OutboxTable": self.outbox.table_name,
            "RecordingsBucket": self.recordings.bucket_name,
            "KnowledgeBucket": self.knowledge.bucket_name,
            "ApiKeyPepperSecretArn": self.api_key_pepper.secret_arn,
            "StreamTokenSecretArn": self.stream_token_key.secret_arn,
            "WebhookKeySecretArn": self.webhook_key.secret_arn,
            "HandoffsQueueUrl": self.handoffs.queue_url,
        }
        for name, value in told.items():
            CfnOutput(self, name + "Output", value=value).override_logical_id(name)


def _forget(prefix: str, days: int) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        id=f"expire {prefix.rstrip('/')}".strip(),
        prefix=prefix or None,
        expiration=Duration.days(days),
        abort_incomplete_multipart_upload_after=Duration.days(1),
    )


def _attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=_STRING)
