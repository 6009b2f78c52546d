"""Keys, endpoints and TLS, where a deployment has its own."""

from __future__ import annotations

import pytest

from stacks.config import Config
from tests.infrastructure.assembly import Assembly, text


def test_in_production_everything_of_customers_lies_under_a_key_of_the_account(production: Assembly) -> None:
    key = production.only("AWS::KMS::Key")
    reference = {"Fn::GetAtt": [key.id, "Arn"]}
    tables = production.resources("AWS::DynamoDB::Table")
    assert [table.properties["SSESpecification"] for table in tables] == [
        {"KMSMasterKeyId": reference, "SSEEnabled": True, "SSEType": "KMS"}
    ] * 4
    secrets = production.resources("AWS::SecretsManager::Secret")
    assert [secret.properties["KmsKeyId"] for secret in secrets] == [reference] * 3
    by_id = {bucket.id: bucket.properties["BucketEncryption"] for bucket in production.resources("AWS::S3::Bucket")}
    (rule,) = next(v for name, v in by_id.items() if "AccessLogs" not in name)["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": reference}
    assert rule["BucketKeyEnabled"] is True
    # S3 delivers no access logs under another key than its own.
    (logs,) = next(v for name, v in by_id.items() if "AccessLogs" in name)["ServerSideEncryptionConfiguration"]
    assert logs["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_that_key_turns_is_not_lost_and_is_used_through_the_stores_alone(production: Assembly) -> None:
    key = production.only("AWS::KMS::Key")
    assert (key.properties["EnableKeyRotation"], key.properties["PendingWindowInDays"]) == (True, 30)
    assert key.raw["DeletionPolicy"] == "Retain"
    open_to_all = [s for s in key.properties["KeyPolicy"]["Statement"] if s["Principal"] == {"AWS": "*"}]
    (statement,) = open_to_all
    condition = statement["Condition"]["StringEquals"]
    assert condition["kms:CallerAccount"] == {"Ref": "AWS::AccountId"}
    assert {text(service).split(".")[0] for service in condition["kms:ViaService"]} == {
        "dynamodb",
        "s3",
        "secretsmanager",
    }


def test_a_trial_pays_for_no_key_and_no_endpoint(deployment: Assembly) -> None:
    assert not deployment.resources("AWS::KMS::Key")
    kinds = {endpoint.properties["VpcEndpointType"] for endpoint in deployment.resources("AWS::EC2::VPCEndpoint")}
    assert kinds == {"Gateway"}


def test_workers_of_production_reach_aws_without_leaving_the_network(production: Assembly) -> None:
    interfaces = [
        endpoint.properties
        for endpoint in production.resources("AWS::EC2::VPCEndpoint")
        if endpoint.properties["VpcEndpointType"] == "Interface"
    ]
    reached = {text(each["ServiceName"]).rpartition("<AWS::Region>.")[2] for each in interfaces}
    assert reached == {
        "ecr.api",
        "ecr.dkr",
        "logs",
        "secretsmanager",
        "sqs",
        "events",
        # What the engines of AWS are called through, which step in there.
        "transcribestreaming",
        "translate",
        "polly",
        # Managed instances with GPUs sign in with these.
        "ecs",
        "ecs-agent",
        "ecs-telemetry",
    }
    for each in interfaces:
        assert each["PrivateDnsEnabled"] is True
        assert len(each["SubnetIds"]) == 3


def test_with_a_certificate_the_balancer_speaks_tls_and_nothing_else(
    deployment: Assembly, production: Assembly
) -> None:
    listener = production.only("AWS::ElasticLoadBalancingV2::Listener").properties
    assert (listener["Port"], listener["Protocol"]) == (443, "HTTPS")
    assert "TLS13" in listener["SslPolicy"]
    assert listener["Certificates"] == [{"CertificateArn": production.config.certificate}]
    ports = {
        rule["FromPort"]
        for group in production.resources("AWS::EC2::SecurityGroup", "media")
        for rule in group.properties.get("SecurityGroupIngress", [])
    }
    assert ports == {443}
    assert deployment.only("AWS::ElasticLoadBalancingV2::Listener").properties["Port"] == 80


def test_a_certificate_without_the_name_that_it_is_for_is_refused(production: Assembly) -> None:
    certificate = production.config.certificate
    for url in (None, "ws://stream.example.com"):
        with pytest.raises(ValueError, match=r"certificate=.* needs stream_base_url=wss"):
            Config(certificate=certificate, stream_base_url=url)
