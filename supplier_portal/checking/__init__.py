"""The page on which a file of events is looked at before it is captured."""
