"""What a buyer owes that calls off late what both had agreed on: the term both said yes to, and each cancellation."""
