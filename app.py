"""Synthesizes the deployment: reads CDK context, calls nothing."""

import os
import sys

import aws_cdk as cdk
from pydantic import ValidationError

from stacks.config import Config
from stacks.deployment import Deployment
from stacks.refused_settings import refusal

app = cdk.App(analytics_reporting=False)
try:
    config = Config.from_context(app.node, os.environ.get("CDK_DEFAULT_REGION"))
except ValidationError as error:
    sys.exit(refusal(error))
Deployment(app, config)
app.synth()
