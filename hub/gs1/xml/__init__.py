"""EPCIS in XML, read into and written out of the JSON form that the rest of the hub knows."""
