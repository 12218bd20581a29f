"""The clauses themselves, a module for each part of the standard."""

from conformance.cases import (
    capture,
    events,
    exceptions,
    formats,
    language,
    operations,
    paging,
    parameters,
    resources,
    subscriptions,
    tcr,
    xml,
)

MODULES = (
    operations,
    capture,
    events,
    formats,
    parameters,
    language,
    paging,
    resources,
    subscriptions,
    exceptions,
    tcr,
    xml,
)
"""Each has its clauses registered by being imported; they are asked in the order of the imports."""
