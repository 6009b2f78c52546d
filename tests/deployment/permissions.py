"""Grants taken away from a deployed role, as a template with a missing line would have it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3


def inline_policies(stack: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(role, policy, document) of every role of a stack."""
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    iam = boto3.client("iam")
    for role in (each["PhysicalResourceId"] for each in resources if each["ResourceType"] == "AWS::IAM::Role"):
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document: Any = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            yield role, name, document


@contextmanager
def without(stack: str, action: str) -> Iterator[int]:
    """No role of `stack` may do `action` meanwhile. Yields how many grants were taken."""
    iam = boto3.client("iam")
    taken = []
    try:
        for role, name, document in inline_policies(stack):
            left = [_left(statement, action) for statement in document["Statement"]]
            if left != document["Statement"]:
                taken.append((role, name, document))
                kept = {**document, "Statement": [each for each in left if each["Action"]]}
                iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(kept))
        yield len(taken)
    finally:
        for role, name, document in taken:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _left(statement: dict[str, Any], action: str) -> dict[str, Any]:
    actions = statement["Action"]
    listed = [actions] if isinstance(actions, str) else actions
    return {**statement, "Action": [each for each in listed if each != action]} if action in listed else statement
