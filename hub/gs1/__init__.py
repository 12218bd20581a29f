"""The language of the trade, pure: EPCIS 2.0 events, CBV, JCS, Digital Links, hashes and how a stored event is read."""
