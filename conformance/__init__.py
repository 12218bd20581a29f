"""A conformance suite for EPCIS 2.0 over REST: whatever repository answers under an address, clause by clause.

It knows nothing of any repository: it speaks HTTP alone. Sources: GS1's openapi 2.0.0 and query-schema.json, and
ISO/IEC 19987:2024 where they cite it.
"""
