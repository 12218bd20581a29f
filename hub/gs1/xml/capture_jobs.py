"""Capture jobs in XML, as GS1's XSD has them; what we tell of each event stands behind, under our own names.

Source: EPCISCaptureJobType in EPCglobal-epcis-2_0.xsd. The standard has no list of jobs in XML; that is ours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from hub.gs1.xml import names
from hub.gs1.xml.writing import Element, serialized

_SPACES = {"epcis": names.CORE, "furrow": names.OURS}


def one(job: Mapping[str, Any]) -> bytes:
    """A job, in the shape in which JSON tells it, as a document."""
    return serialized(_job(job))


def several(jobs: Iterable[Mapping[str, Any]]) -> bytes:
    """Jobs as a document of ours: each as it is told alone."""
    root = etree.Element(f"{{{names.OURS}}}captureJobs", nsmap=_SPACES)
    root.extend([_job(job) for job in jobs])
    return serialized(root)


def _job(job: Mapping[str, Any]) -> Element:
    root = etree.Element(f"{{{names.CORE}}}EPCISCaptureJob", nsmap=_SPACES)
    for name in ("running", "success"):
        root.set(name, "true" if job[name] else "false")
    root.set("captureID", job["captureID"])
    for name in ("captureErrorBehaviour", "createdAt", "finishedAt"):
        if job[name]:
            etree.SubElement(root, name).text = job[name]
    if job["errors"]:
        errors = etree.SubElement(root, "errors")
        for error in job["errors"]:
            _error(etree.SubElement(errors, "error"), error)
    etree.SubElement(root, f"{{{names.OURS}}}events").text = str(job["events"])
    for warning in job["warnings"]:
        _message(root, "warning", warning)
    for outcome in job.get("outcomes", ()):
        told = etree.SubElement(root, f"{{{names.OURS}}}outcome")
        for name in ("index", "outcome", "eventID", "payloadHash"):
            if name in outcome:
                told.set(name, str(outcome[name]))
        for message in outcome.get("messages", ()):
            _message(told, "message", message)
    return root


def _error(element: Element, error: Mapping[str, Any]) -> None:
    told = {
        "type": error.get("type", "epcisException:ValidationException"),
        "title": error["code"],
        "status": str(error.get("status", 400)),
        "detail": ": ".join(filter(None, (error["path"], error["detail"]))),
    }
    for name, text in told.items():
        etree.SubElement(element, name).text = text


def _message(parent: Element, name: str, told: Mapping[str, str]) -> None:
    element = etree.SubElement(parent, f"{{{names.OURS}}}{name}")
    element.set("path", told["path"])
    element.text = told["message"]
