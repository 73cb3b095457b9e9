"""TM Forum's Error: how its APIs say what is wrong with a request."""

from __future__ import annotations

import json

from aiohttp import web

from context_store.records import Json

ROOT = "/tmf-api/"  # all of TM Forum's APIs are below it


def body(error: web.HTTPException) -> dict[str, Json]:
    """The body of an answer that says what is wrong."""
    status = str(error.status)
    return {"code": status, "status": status, "reason": error.reason, "message": _message(error)}


def _message(error: web.HTTPException) -> str:
    if error.content_type != "application/json":
        return error.text or error.reason
    said = json.loads(error.text or "{}")  # one of the back office's own, which lists every mistake
    mistakes = [f"{mistake['field']}: {mistake['what']}" for mistake in said.get("mistakes", ())]
    return "; ".join([said["error"], *mistakes])
