"""JSON Schema for editors (`ivr schema`), made from the model: flows are completed and checked while typed. Pure.

It knows one file and no names: whether a node, a prompt or a service is there only `ivr check` can tell.
"""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ivr.flow.model import KINDS, Flow
from ivr.flow.part import Part
from ivr.flow.reading.hints import span
from ivr.flow.reading.raw_node import GIVEN_BY_LOADER
from ivr.flow.scalars import NAME_PATTERN

DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Keys that say the same wherever they stand, where the model does not say it itself.
_COMMON = {
    "agent": "ask for a person",
    "arguments": "names that the caller of this subflow gives, known as args.NAME",
    "attempts": "how often the question is asked; `defaults` where it is not said",
    "ask": "prompts that offer the calling number",
    "ask_birth_year": "prompts that ask for the year of birth",
    "ask_customer_number": "prompts that ask for the customer number",
    "ask_customer_number_spoken": "prompts that ask for it instead where callers are heard",
    "ask_invoice": "prompts that ask for the last digits of an invoice",
    "ask_line": "prompts that ask for the line",
    "ask_line_spoken": "prompts that ask for it instead where callers are heard",
    "ask_number": "prompts that ask for another number",
    "ask_order": "prompts that ask for the last digits of an order",
    "ask_order_spoken": "prompts that ask for it instead where callers are heard",
    "ask_pin": "prompts that ask for the PIN",
    "ask_sms_code": "prompts that ask for the code which was sent",
    "ask_sms_code_again": "prompts that ask again for a code which was sent before",
    "ask_surname": "prompts that ask for the first letters of the surname",
    "ask_surname_spoken": "prompts that ask for it instead where callers are heard",
    "bargein": "whether keys and words stop the prompts; `defaults` where it is not said",
    "call": "the service that is asked",
    "choices": "the answers, by name",
    "choose_line_spoken": "prompts that ask which of several lines, where callers are heard",
    "claims": "the ways in which who has told no line yet may say who they are",
    "closed": "days on which it is closed all the same: 2026-10-29, or 10-29 for every year",
    "code_length": "digits of a code that was sent",
    "customer_number_length": "digits of a customer number: 8, or 6-10",
    "defaults": "what a node uses where it says nothing itself",
    "flow": "the flow's name; of a subflow also its file's",
    "interdigit": "silence between two keys before the input counts as complete; `defaults` where it is not said",
    "into": "the name under which the answer is known",
    "invoice_digits": "how many of an invoice's last digits are asked for",
    "key": "the telephone keys that mean this, up to four",
    "keys": "keys that every question takes, unless they are its own",
    "language": "changes the caller's language from here on",
    "languages": "languages of the prompt book, such as tr and en; the first where the caller's is none of them",
    "look_up": "what is asked, by the names under which the answers are known",
    "lookup_timeout": "how long a look-up may take",
    "needs": "the level that the caller must have; who has not is sent to `defaults.verify` first",
    "next": "the node that follows",
    "nodes": "the nodes by name",
    "noinput": "prompts for silence: the first time, the second time, and so on",
    "nomatch": "prompts for what is no answer: the first time, the second time, and so on",
    "on_error": "the node for when the service gives no answer; else that of `defaults`",
    "order_digits": "how many of an order's last digits are asked for",
    "otherwise": "the node for a caller who cannot answer, or for when no condition holds",
    "outcome": "what the conversation keeps as its outcome",
    "pin_length": "digits of a PIN",
    "proofs": "what proves a claim, the first one unless the caller takes another with *",
    "reason": "what the agent reads first: a label of the prompt book",
    "say": "prompts to say before",
    "sensitivity": "personal: kept with that mark; secret: only that it was given is kept",
    "service_timeout": "how long the service may take",
    "start": "the node that a call begins with",
    "surname_letters": "how many of a surname's first letters are asked for",
    "termchar": "the key that ends the input; empty for none",
    "timeout": "silence after the question, or how long the service may take",
    "timezone": "where the callers are, such as Europe/Istanbul",
    "tries": "how often claim and proof may not belong together, in the whole call",
    "type": "what is asked for",
    "when": "a condition, such as status.state == 'down'",
    "with": 'arguments by name: templates, in quotes, such as "{{ line.number }}"',
    "wrong": "prompts for a claim and a proof that do not belong together",
}


class _Editors(GenerateJsonSchema):
    """Says what a file may hold, where that is not what the model holds."""

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        """Our reader leaves yes and no the words that they are; the model understands them."""
        return {"enum": [True, False, "yes", "no", "on", "off"]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A key that is no name is a mistake."""
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Times are written with their unit; that nothing stands there need not be said."""
        found = super().default_schema(schema)
        default = found.get("default")
        if isinstance(default, float):
            found["default"] = f"{default:g}s" if "s" in found.get("pattern", "s") else span(default)
        elif default is None or isinstance(default, dict):
            found.pop("default", None)
        return found


def flow_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a flow's file."""
    schema = part_schema(Flow, "A flow of Devam")
    schema["description"] = "What the hotline says, what it asks, and where each answer leads."
    for key in GIVEN_BY_LOADER:
        del schema["properties"][key]
    schema["properties"]["nodes"] |= {"propertyNames": {"pattern": NAME_PATTERN, "maxLength": 64}, "minProperties": 1}
    for kind, node in KINDS.items():
        definition = schema["$defs"][node.__name__]
        definition["properties"][kind]["description"] = definition["description"]
    return schema


def part_schema(part: type[Part], title: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file that holds this part."""
    schema = part.model_json_schema(by_alias=True, mode="validation", schema_generator=_Editors)
    if "properties" not in schema:  # the part holds itself, so that it became one of its own definitions
        schema = {**schema["$defs"][part.__name__], "$defs": schema["$defs"]}
    for definition in (schema, *schema.get("$defs", {}).values()):
        _tidy(definition)
    return {"$schema": DIALECT, **schema, "title": title}


def _tidy(schema: dict[str, Any]) -> None:
    """Leave out titles that repeat the name of their key; say what keys mean that say the same everywhere."""
    schema.pop("title", None)
    if text := schema.get("description"):
        schema["description"] = " ".join(text.split())
    for key, value in schema.get("properties", {}).items():
        value.pop("title", None)
        if key in _COMMON:
            value.setdefault("description", _COMMON[key])
