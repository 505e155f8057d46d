"""The JSON Schema of a policy file, for editors and for checks in CI. Pure."""

from __future__ import annotations

from typing import Any

from bot.policy.document import FILE
from bot.policy.model import Policy


def schema() -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of `.remediation.yml`, made from the model that reads it."""
    made = Policy.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": FILE,
        "description": "The policy of a project for the remediation bot.",
    }
