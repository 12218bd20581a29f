"""The ledger, which knows nothing of food.

What is written (`log`), the bytes it is made of (`formats`), in whose hands goods are (`custody`), how one thing is
judged (`checks`), and what an auditor and a shopper are shown of all (`audit`).
"""
