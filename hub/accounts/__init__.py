"""People's accounts: passwords, second factors, one-time links, and who acts for whom.

What belongs to a person is owned by the person: an organisation's session neither reads nor writes it. Services that
serve a person go on for them within the same transaction (`hub.db.on_behalf`).
"""
