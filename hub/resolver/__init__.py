"""The resolver: where a GS1 Digital Link leads, chosen among what its owner keeps and what the hub has itself."""
