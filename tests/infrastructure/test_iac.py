"""That `make iac` would see it: its rules on templates that were spoilt, and its book of accepted failures."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from stacks.config import Config
from tests.iac import rules
from tests.iac.accepted import ACCEPTED
from tests.iac.foreign import Failure, cfn_lint, unaccepted
from tests.iac.matrix import combinations, label
from tests.infrastructure.assembly import Assembly

Spoil = Callable[[dict[str, Any]], None]


def spoilt(assembly: Assembly, kind: str, spoil: Spoil) -> Assembly:
    """The same deployment after a change to each resource of a kind."""
    made = Assembly(assembly.folder, assembly.config)
    templates = deepcopy(assembly.templates)
    for template in templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] == kind:
                spoil(resource)
    made.__dict__["templates"] = templates
    return made


def changed(**values: Any) -> Spoil:
    return lambda resource: resource["Properties"].update(values)


def allowing(action: str) -> Spoil:
    return lambda policy: policy["Properties"]["PolicyDocument"]["Statement"][0].update(Action=action)


def without(name: str) -> Spoil:
    return lambda resource: resource["Properties"].pop(name, None)


def open_at(port: int) -> Spoil:
    rule = {"CidrIp": "0.0.0.0/0", "IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    return changed(SecurityGroupIngress=[rule])


SPOILT: list[tuple[rules.Rule, str, Spoil]] = [
    (rules.logs_forget, "AWS::Logs::LogGroup", without("RetentionInDays")),
    (rules.functions_log_into_groups_of_ours, "AWS::Lambda::Function", without("LoggingConfig")),
    (rules.buckets_are_private, "AWS::S3::Bucket", without("PublicAccessBlockConfiguration")),
    (rules.buckets_are_private, "AWS::S3::Bucket", without("BucketEncryption")),
    (rules.buckets_are_private, "AWS::S3::BucketPolicy", changed(Bucket="another")),
    (rules.queues_are_encrypted, "AWS::SQS::Queue", without("SqsManagedSseEnabled")),
    (rules.queues_are_encrypted, "AWS::SQS::QueuePolicy", changed(Queues=[])),
    (rules.tables_can_be_put_back, "AWS::DynamoDB::Table", without("PointInTimeRecoverySpecification")),
    (rules.production_keeps_its_data, "AWS::S3::Bucket", lambda bucket: bucket.update(DeletionPolicy="Retain")),
    (rules.nothing_runs_while_deploying, "AWS::S3::Bucket", lambda bucket: bucket.update(Type="Custom::Emptied")),
    (rules.workers_run_where_they_were_asked_to, "AWS::ECS::Service", changed(CapacityProviderStrategy=[])),
    (
        rules.gateways_are_where_calls_by_sip_are_wanted,
        "AWS::ECS::Service",
        lambda service: service.update(Type="gone"),
    ),
    (rules.only_gateways_are_open_to_the_world_beside_balancers, "AWS::EC2::SecurityGroup", open_at(22)),
    (rules.no_policy_allows_every_action, "AWS::IAM::Policy", allowing("s3:*")),
]


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_rules_hold(
    rule: rules.Rule, deployment: Assembly, production: Assembly, cell: Assembly, sip: Assembly
) -> None:
    for assembly in (deployment, production, cell, sip):
        assert list(rule(assembly)) == []


@pytest.mark.parametrize(("rule", "kind", "spoil"), SPOILT)
def test_a_template_that_breaks_a_rule_is_named(
    deployment: Assembly, sip: Assembly, rule: rules.Rule, kind: str, spoil: Spoil
) -> None:
    of_sip = rule is rules.gateways_are_where_calls_by_sip_are_wanted
    assert list(rule(spoilt(sip if of_sip else deployment, kind, spoil)))


def test_a_deployment_is_held_against_its_own_settings(deployment: Assembly, managed: Assembly) -> None:
    claimed = Assembly(deployment.folder, Config(engines="aws"))
    assert list(rules.only_managed_engines_may_be_called(managed)) == []
    assert list(rules.only_managed_engines_may_be_called(claimed))


def test_every_combination_is_one_that_can_be_deployed_and_each_is_another() -> None:
    every = list(combinations())
    assert len({label(values) for values in every}) == len(every) == 96
    for values in every:
        Config.model_validate(values)


def test_what_nobody_answers_for_is_left_and_so_is_an_answer_without_a_failure() -> None:
    unknown = Failure("CKV_AWS_999", "data/AWS::S3::Bucket.Recordings1", "be careful")
    known = Failure("CKV_AWS_21", "data/AWS::S3::Bucket.Recordings1", "versioning")
    elsewhere = Failure("CKV_AWS_21", "media/AWS::S3::Bucket.Logs", "versioning")
    left, idle = unaccepted([unknown, known, elsewhere])
    assert left == [elsewhere, unknown]
    assert len(idle) == len(ACCEPTED) - 1
    assert all(len(each.reason) > 20 for each in ACCEPTED)


def test_cfn_lint_says_what_is_wrong_with_a_template(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}}}')
    (said,) = cfn_lint([bad])
    assert any("Colour" in line for line in said)


def test_one_host_is_among_them_in_both_profiles_with_its_firewall_and_without() -> None:
    found = {(each["profile"], each["firewall"], each["edge_log"]) for each in combinations() if each.get("edge")}
    assert found == {("prod", True, True), ("dev", True, True), ("dev", False, False)}
