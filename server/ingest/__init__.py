"""From MQTT into the event log: verify, open, append, receipt. Acknowledged only after the commit."""
