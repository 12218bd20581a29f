"""The checks that a shopper, an auditor, the command line and the browser are shown. Pure.

Each has its outcome and reason. Numbers are those of the ledger's design: V1 to V7, V9 and V11. Nothing
here asks the hub: what is judged comes from a bundle, and what it is judged against from the chain.
"""
