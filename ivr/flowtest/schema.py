"""The JSON Schema of files of flow tests, for YAML editors. Pure."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import Scenario, ScenarioFile


def file_schema() -> dict[str, Any]:
    """Of a file with one test, or with several."""
    schema = TypeAdapter[Any](Scenario | ScenarioFile).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A flow test of Devam", **schema}


def company_schema() -> dict[str, Any]:
    """Of company.yaml."""
    schema = Company.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Replies for flow tests"}
