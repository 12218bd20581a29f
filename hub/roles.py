"""The database's four roles, and how long each may keep others waiting."""

OWNER, APP, PUBLIC, RELAY = "furrow_owner", "furrow_app", "furrow_public", "furrow_relay"

LIMITS = {"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s"}
RELAY_LIMITS = {
    "statement_timeout": "60s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
"""The relay's role runs sealing, anchoring and bulk intake, whose statements may take longer."""
