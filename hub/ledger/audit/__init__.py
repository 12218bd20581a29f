"""The log as it is looked through: the bundle that an auditor takes away, and the verdict that a shopper sees."""
