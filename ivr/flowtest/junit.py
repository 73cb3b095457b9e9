"""The result of a run as JUnit XML, which CI systems show. Pure, but for the file that it writes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from ivr.errors import DevamError
from ivr.flowtest.reading import Written
from ivr.flowtest.running import Result, Run
from ivr.flowtest.transcript import Entry

# What XML 1.0 cannot hold, not even escaped.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(run: Run, seconds: float, path: Path) -> None:
    """Write the file. Raises `DevamError`."""
    try:
        path.write_bytes(junit(run, seconds))
    except OSError as error:
        raise DevamError(f"{path} cannot be written: {error.strerror}; name a file that can be") from None


def junit(run: Run, seconds: float) -> bytes:
    """The XML in UTF-8. `seconds` is how long the run took; virtual time is not told."""
    count, failed = str(len(run.results) + len(run.skipped)), str(len(run.failed))
    totals = {"name": "ivr test", "tests": count, "failures": failed, "errors": "0", "time": f"{seconds:.3f}"}
    root = ElementTree.Element("testsuites", totals)
    suite = ElementTree.SubElement(root, "testsuite", {**totals, "skipped": str(len(run.skipped))})
    for result in run.results:
        suite.append(_played(result))
    for skipped in run.skipped:
        case = _case(skipped.written)
        ElementTree.SubElement(case, "skipped", {"message": _writable(skipped.why)})
        suite.append(case)
    ElementTree.indent(root)
    xml: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _case(written: Written) -> ElementTree.Element:
    named = {"name": written.scenario.test, "classname": written.file, "file": written.file, "line": str(written.line)}
    return ElementTree.Element("testcase", {key: _writable(value) for key, value in named.items()})


def _played(result: Result) -> ElementTree.Element:
    case = _case(result.written)
    if failure := result.outcome.failure:
        what = "; ".join(failure.what)
        told = [f"{result.place}: {what}", failure.mend, "", *map(_line, result.outcome.transcript)]
        element = ElementTree.SubElement(case, "failure", {"message": _writable(what), "type": "differs"})
        element.text = _writable("\n".join(told))
    return case


def _line(entry: Entry) -> str:
    return f"{entry.at:7.1f}s  {entry.who.value:8} {entry.what}  {entry.words}".rstrip()


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
