"""The language model `bedrock` against the emulator's Bedrock, which says a sentence of its own in Converse's event
stream, calls no tools, and sends its events all at once; what it cannot show is in `tests/contract/language_models`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
import pytest_asyncio

from core.adapters import clients
from local.emulator import REGION, Emulator
from media_worker.language_models import registry
from media_worker.language_models.base import LanguageModel, ModelError, Prompt, Text
from media_worker.language_models.registry import ModelSettings
from stacks.language_models import ModelChoice
from tests.fakes.language_models import answer, caller

MODEL = "amazon.nova-lite-v1:0"
PROMPT = Prompt("You are Anna.", (caller("Hello?"),), "en")
ANYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator.start(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture
def credentials(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name, value in emulator.env.items():
        monkeypatch.setenv(name, value)
    clients.session.cache_clear()
    yield monkeypatch
    clients.session.cache_clear()


@pytest_asyncio.fixture
async def model(emulator: Emulator, credentials: pytest.MonkeyPatch) -> AsyncIterator[LanguageModel]:
    model = built(emulator)
    yield model
    await model.close()


def built(emulator: Emulator, model: str = MODEL) -> LanguageModel:
    options = {"model": model, "endpoint_url": emulator.endpoint_url, "region": REGION}
    return registry.build("bedrock", ModelSettings(options))


def role(emulator: Emulator, name: str, *statements: dict[str, Any]) -> dict[str, str]:
    """Credentials of a role that may do what the statements say."""
    session = boto3.session.Session("test", "test", region_name=REGION)
    iam = session.client("iam", endpoint_url=emulator.endpoint_url)
    trust = json.dumps({"Version": "2012-10-17", "Statement": [ANYONE]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)
    sts = session.client("sts", endpoint_url=emulator.endpoint_url)
    given = sts.assume_role(RoleArn=arn, RoleSessionName="worker")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


async def test_it_answers_in_pieces_with_its_usage(model: LanguageModel) -> None:
    found = await answer(model, PROMPT)
    assert MODEL in found.text
    assert len([piece for piece in found.pieces if isinstance(piece, Text)]) > 1
    (spent,) = found.spent
    assert spent.read > 0
    assert spent.written > 0


async def test_a_model_that_is_none_is_refused(emulator: Emulator, credentials: pytest.MonkeyPatch) -> None:
    model = built(emulator, "arn:aws:bedrock:us-east-1:000000000000:unicorn/x")
    with pytest.raises(ModelError) as refused:
        await answer(model, PROMPT)
    assert (refused.value.code, refused.value.retryable) == ("model_request_rejected", False)
    await model.close()


async def test_what_the_stacks_grant_is_enough_and_without_it_nothing_is_answered(
    emulator: Emulator, credentials: pytest.MonkeyPatch
) -> None:
    (granted,) = ModelChoice.read("bedrock", "{}").ids
    for name, id_, works in (("may", granted, True), ("may-not", "another", False)):
        arn = f"arn:aws:bedrock:{REGION}::foundation-model/{id_}"
        invoke = {"Effect": "Allow", "Action": "bedrock:InvokeModelWithResponseStream", "Resource": arn}
        for variable, value in role(emulator, name, invoke).items():
            credentials.setenv(variable, value)
        clients.session.cache_clear()
        model = built(emulator)
        if works:
            assert (await answer(model, PROMPT)).text
        else:
            with pytest.raises(ModelError) as refused:
                await answer(model, PROMPT)
            assert refused.value.code == "model_refused"
        await model.close()
