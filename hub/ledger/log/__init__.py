"""The log as it is written: members enrolled, events sealed, and all that is said to the chain, in order."""
