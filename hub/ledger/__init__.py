"""The ledger, which knows nothing of food.

Merkle log, signed streams, sealing and anchoring, and the checks that strangers run.
"""
