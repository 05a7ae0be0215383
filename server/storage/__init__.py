"""What the server keeps: the event log, the person vault, the projections made from the log, and how to reach them."""
