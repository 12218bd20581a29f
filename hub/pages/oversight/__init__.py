"""Oversight: the auditor verifies without trusting the hub; the administrator sees whether all is well."""
