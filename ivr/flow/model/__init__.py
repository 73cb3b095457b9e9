"""What a flow file may say: one class a node kind. The loader turns YAML into these, the engine only reads them.

Names of prompts point into the prompt book. `description` is what an editor shows for a key (`ivr schema`).
"""

from ivr.flow.model.flow import KINDS, Flow, Node, kind_of
from ivr.flow.model.head import Defaults, GlobalKeys, Person
from ivr.flow.model.proving import AskedWay, Identify, Proof, Proving, SilentWay, Verify, Way
from ivr.flow.model.questions import (
    RESUME_KEYS,
    Callback,
    Choice,
    Collect,
    CollectType,
    Menu,
    Option,
    Question,
    Resume,
    ResumeChoice,
)
from ivr.flow.model.steps import Branch, Call, Choose, End, LookUp, Lookup, Return, Say, Step, Subflow, Transfer

__all__ = [
    "KINDS",
    "RESUME_KEYS",
    "AskedWay",
    "Branch",
    "Call",
    "Callback",
    "Choice",
    "Choose",
    "Collect",
    "CollectType",
    "Defaults",
    "End",
    "Flow",
    "GlobalKeys",
    "Identify",
    "LookUp",
    "Lookup",
    "Menu",
    "Node",
    "Option",
    "Person",
    "Proof",
    "Proving",
    "Question",
    "Resume",
    "ResumeChoice",
    "Return",
    "Say",
    "SilentWay",
    "Step",
    "Subflow",
    "Transfer",
    "Verify",
    "Way",
    "kind_of",
]
