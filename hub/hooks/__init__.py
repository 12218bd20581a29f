"""Telling programs: what people are told goes to an organisation's own systems too, by Standard Webhooks."""
