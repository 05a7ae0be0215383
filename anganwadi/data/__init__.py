"""Tables of facts, each row with its source."""
