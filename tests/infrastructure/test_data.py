from __future__ import annotations

import json

from core.domain.recordings import chunks_prefix, files_prefix
from stacks.config import Config
from tests.builders import ACME, a_recorded
from tests.infrastructure.assembly import Assembly, Resource, text


def tables(deployment: Assembly) -> dict[str, Resource]:
    outputs = deployment.templates["data"]["Outputs"]
    by_id = {table.id: table for table in deployment.resources("AWS::DynamoDB::Table")}
    return {
        name.removesuffix("Table").lower(): by_id[output["Value"]["Ref"]]
        for name, output in outputs.items()
        if name.endswith("Table")
    }


def keys(schema: list[dict[str, str]]) -> list[str]:
    return [part["AttributeName"] for part in sorted(schema, key=lambda part: part["KeyType"])]


def test_the_four_tables_have_the_keys_that_the_adapters_use(deployment: Assembly) -> None:
    found = {name: keys(table.properties["KeySchema"]) for name, table in tables(deployment).items()}
    assert found == {
        "sessions": ["pk", "sk"],
        "access": ["pk"],
        "deliveries": ["pk", "sk"],
        "outbox": ["pk"],
    }


def test_the_indexes_answer_the_questions_that_the_adapters_ask(deployment: Assembly) -> None:
    found = {
        (name, index["IndexName"]): (keys(index["KeySchema"]), index["Projection"])
        for name, table in tables(deployment).items()
        for index in table.properties.get("GlobalSecondaryIndexes", [])
    }
    keys_only = {"ProjectionType": "KEYS_ONLY"}
    assert found == {
        ("sessions", "by_tenant"): (["tenant", "created_key"], keys_only),
        ("sessions", "by_status"): (["tenant_status", "created_key"], keys_only),
        ("sessions", "due"): (["due_shard", "due_at"], keys_only),
        ("deliveries", "by_target"): (["sk", "pk"], keys_only),
        ("outbox", "unpublished"): (["unpublished_shard", "unpublished_at"], keys_only),
        ("deliveries", "due"): (["due_shard", "due_at"], keys_only),
        ("outbox", "by_tenant"): (["tenant", "event_id"], keys_only),
    }


def test_every_table_is_paid_by_use_recoverable_to_any_second_and_forgets(deployment: Assembly) -> None:
    for table in tables(deployment).values():
        assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
        assert table.properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_only_the_outbox_streams_and_it_streams_what_was_written(deployment: Assembly) -> None:
    streams = {name: table.properties.get("StreamSpecification") for name, table in tables(deployment).items()}
    assert streams.pop("outbox") == {"StreamViewType": "NEW_IMAGE"}
    assert set(streams.values()) == {None}


def test_production_data_survives_its_stack_and_a_trial_leaves_nothing(
    deployment: Assembly, production: Assembly
) -> None:
    for assembly, policy in ((deployment, "Delete"), (production, "Retain")):
        for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"):
            assert {found.raw["DeletionPolicy"] for found in assembly.resources(kind)} == {policy}
    assert all(table.properties["DeletionProtectionEnabled"] for table in production.resources("AWS::DynamoDB::Table"))


def test_buckets_are_private_encrypted_and_forget(deployment: Assembly) -> None:
    buckets = deployment.resources("AWS::S3::Bucket")
    assert len(buckets) == 3
    for bucket in buckets:
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert "BucketEncryption" in bucket.properties
        # Documents stay until somebody deletes them.
        for rule in bucket.properties.get("LifecycleConfiguration", {"Rules": []})["Rules"]:
            assert rule["Status"] == "Enabled"
            assert rule["ExpirationInDays"] > 0
            assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_files_live_as_long_as_they_are_promised_and_their_pieces_no_longer(deployment: Assembly) -> None:
    rules = next(
        bucket.properties["LifecycleConfiguration"]["Rules"]
        for bucket in deployment.resources("AWS::S3::Bucket")
        if bucket.id.startswith("Recordings") and "LoggingConfiguration" in bucket.properties
    )
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules}
    function = deployment.function("events.finalize_recording").properties
    assert days[f"{files_prefix(a_recorded()).split('/')[0]}/"] == 365
    assert function["Environment"]["Variables"]["RECORDING_RETENTION_DAYS"] == "365"
    assert days[f"{chunks_prefix(ACME, 'sess_1', 'rec_1').split('/')[0]}/"] == 14
    assert len(days) == 2


def test_what_comes_into_the_documents_bucket_is_told_to_eventbridge(deployment: Assembly) -> None:
    (bucket,) = (each for each in deployment.resources("AWS::S3::Bucket") if each.id.startswith("Knowledge"))
    assert bucket.properties["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}


def test_pieces_are_never_kept_longer_than_the_files_made_of_them() -> None:
    assert Config(recording_retention_days=3).chunk_retention_days == 3


def test_buckets_are_reached_over_tls_only(deployment: Assembly) -> None:
    policies = {text(p.properties["Bucket"]): p for p in deployment.resources("AWS::S3::BucketPolicy")}
    for bucket in deployment.resources("AWS::S3::Bucket"):
        statements = policies[f"<{bucket.id}>"].properties["PolicyDocument"]["Statement"]
        refused = {json.dumps(s["Condition"]) for s in statements if s["Effect"] == "Deny"}
        assert '{"Bool": {"aws:SecureTransport": "false"}}' in refused


def test_secrets_are_made_at_deployment_and_are_in_no_template(deployment: Assembly) -> None:
    secrets = deployment.resources("AWS::SecretsManager::Secret")
    assert len(secrets) == 3
    for secret in secrets:
        assert secret.properties["GenerateSecretString"] == {"ExcludePunctuation": True, "PasswordLength": 64}
        assert "SecretString" not in secret.properties


def test_nothing_needs_a_custom_resource(deployment: Assembly, production: Assembly) -> None:
    for assembly in (deployment, production):
        kinds = {resource.kind for resource in assembly.resources()}
        assert not {kind for kind in kinds if kind.startswith("Custom::") or "CustomResource" in kind}
