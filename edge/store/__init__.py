"""What the kiosk keeps. Two stores, with opposite rules:

- `outbox`: every accepted event, sealed to the server. Readable by nobody here; survives logout, power loss, and as much
  of a full or damaged card as can be survived.
- `centre`: roster and local history under the data key. Readable only while somebody is logged in.

`recorder` writes an event to both, in the order in which a crash between them loses nothing. `documents` are what comes
down from the server, `key_provider` and `server_keys` the keys. `clock` is the centre's time, `health` what is wrong.
"""
