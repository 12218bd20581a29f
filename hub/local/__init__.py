"""The embedded default: PostgreSQL, Valkey, the chain node and the hub under one supervisor."""
