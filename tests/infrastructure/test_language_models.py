from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stacks.config import Config
from stacks.language_models import ModelChoice
from tests.infrastructure.assembly import IMAGE, Assembly, as_list, synthesize, text

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:openai/key-AbCdEf"
OPENAI = {"model": "gpt-x", "api_key_secret": SECRET, "price_read": "2.5"}
PROFILES = {"model": "eu.amazon.nova-lite-v1:0", "models": "large=eu.amazon.nova-pro-v1:0"}


def media(folder: Path, **context: str) -> Assembly:
    return synthesize(folder, Config.model_validate({"image": IMAGE, **context}))


def environment(assembly: Assembly) -> dict[str, str]:
    (container,) = assembly.only("AWS::ECS::TaskDefinition").properties["ContainerDefinitions"]
    return {variable["Name"]: text(variable["Value"]) for variable in container["Environment"]}


def granted(assembly: Assembly, action: str) -> Iterator[str]:
    task = assembly.only("AWS::ECS::TaskDefinition")
    role_id = task.properties["TaskRoleArn"]["Fn::GetAtt"][0]
    (role,) = (role for role in assembly.resources("AWS::IAM::Role", "media") if role.id == role_id)
    for statement in assembly.statements(role):
        if action in as_list(statement["Action"]):
            yield from map(text, as_list(statement["Resource"]))


def test_a_deployment_asks_bedrock_and_the_laptop_nobody(deployment: Assembly) -> None:
    given = environment(deployment)
    assert given["LANGUAGE_MODEL"] == "bedrock"
    assert json.loads(given["LANGUAGE_MODEL_OPTIONS"]) == {"model": "amazon.nova-lite-v1:0"}
    assert Config(profile="local").model_choice == ModelChoice("embedded")


def test_inference_profiles_are_granted_with_the_models_that_they_lead_to(tmp_path: Path) -> None:
    assembly = media(tmp_path, language_model_options=json.dumps(PROFILES))
    own = "arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:inference-profile/eu.amazon.nova"
    led_to = "arn:<AWS::Partition>:bedrock:*::foundation-model/amazon.nova"
    assert set(granted(assembly, "bedrock:InvokeModelWithResponseStream")) == {
        f"{place}-{size}-v1:0" for place in (own, led_to) for size in ("lite", "pro")
    }


def test_another_provider_is_granted_its_key_and_no_model(tmp_path: Path) -> None:
    assembly = media(tmp_path, language_model="openai", language_model_options=json.dumps(OPENAI))
    assert json.loads(environment(assembly)["LANGUAGE_MODEL_OPTIONS"]) == OPENAI
    assert list(granted(assembly, "bedrock:InvokeModelWithResponseStream")) == []
    assert SECRET in set(granted(assembly, "secretsmanager:GetSecretValue"))


def test_an_arn_is_granted_as_it_stands() -> None:
    arn = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc"
    assert ModelChoice.read("bedrock", json.dumps({"model": arn})).ids == [arn]


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"language_model": "gpt"}, "language_model"),
        ({"language_model_options": "{"}, "a JSON object of strings"),
        ({"language_model_options": '{"parallel": 3}'}, "a JSON object of strings"),
        ({"language_model": "openai"}, "which model answers"),
        (
            {"language_model": "openai", "language_model_options": '{"model": "m", "api_key_secret": "key"}'},
            "the whole ARN",
        ),
    ],
)
def test_what_cannot_be_asked_stops_the_synthesis(context: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Config.model_validate(context)
