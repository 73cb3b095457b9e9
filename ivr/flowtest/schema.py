"""The JSON Schema of the files of a folder of flow tests, for YAML editors. Pure."""

from __future__ import annotations

from typing import Any

from ivr.flow.reading.schema import part_schema
from ivr.flowtest.replies import Company
from ivr.flowtest.scenario import ScenarioFile

_TITLE = "Flow tests of Devam"


def file_schema() -> dict[str, Any]:
    """Of a file with one test, with several, and of company.yaml: an editor knows them by their folder alone."""
    several, company = part_schema(ScenarioFile, _TITLE), part_schema(Company, _TITLE)
    definitions = {**several.pop("$defs"), **company.pop("$defs", {})}
    definitions |= {"ScenarioFile": _inner(several), "Company": _inner(company)}
    kinds = [{"$ref": f"#/$defs/{name}"} for name in ("Scenario", "ScenarioFile", "Company")]
    return {"$schema": several["$schema"], "title": _TITLE, "anyOf": kinds, "$defs": definitions}


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("$schema", "title")}
