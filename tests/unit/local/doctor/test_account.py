"""The account as AWS describes it, and what is said where it does not."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from local.doctor import account
from local.doctor.account import AwsAccount, Unreadable


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@mock_aws
def test_it_says_who_it_is_and_what_was_taken() -> None:
    asked = AwsAccount()
    before = asked.addresses()
    boto3.client("ec2").allocate_address(Domain="vpc")

    assert asked.identity() == "123456789012"
    assert asked.addresses() == before + 1
    assert asked.networks() == 1


@mock_aws
def test_a_region_that_was_never_bootstrapped_has_no_version() -> None:
    assert AwsAccount().bootstrap_version() is None

    boto3.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="21", Type="String")

    assert AwsAccount().bootstrap_version() == 21
    assert AwsAccount().bootstrap_version("eu-central-1") is None


@mock_aws
def test_a_quota_is_the_accounts_own_or_the_default() -> None:
    assert AwsAccount().quota("vpc", "L-F678F1CE") == 5


def test_an_account_that_never_asked_for_more_has_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"get_service_quota": None, "get_aws_default_service_quota": {"Quota": {"Value": 6.0}}}
    monkeypatch.setattr(account, "_asked", lambda _service, operation, *_absent, **_question: answers[operation])
    assert AwsAccount().quota("fargate", "L-3032A538") == 6


@mock_aws
def test_what_is_refused_is_said_with_what_was_asked() -> None:
    with pytest.raises(Unreadable, match="cloudformation answered ValidationError to describe-stacks"):
        account._asked("cloudformation", "describe_stacks", StackName="none")


@mock_aws
def test_only_stacks_of_the_deployment_are_its() -> None:
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    for name in ("kallglot-dev-api", "kallglot-development-api", "other"):
        boto3.client("cloudformation").create_stack(StackName=name, TemplateBody=template)
    assert AwsAccount().stacks("kallglot-dev") == {"kallglot-dev-api": "CREATE_COMPLETE"}


def test_without_a_region_that_is_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(Unreadable, match="no region is set"):
        AwsAccount().bootstrap_version()
