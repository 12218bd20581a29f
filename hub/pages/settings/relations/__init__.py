"""Whom an organisation works with, who audits it, and its name on the ledger."""
