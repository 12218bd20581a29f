"""The conformance suite, put to the hub and to a server that knows nothing."""
