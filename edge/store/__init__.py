"""What the kiosk keeps. Two stores, with opposite rules:

- `outbox`: every accepted event, sealed to the server. Readable by nobody here; survives logout and power loss.
- `centre`: roster and local history under the data key. Readable only while somebody is logged in.

`recorder` writes an event to both, in the order in which a crash between them loses nothing.
"""
