"""What the kiosk keeps. Two stores, with opposite rules:

- `outbox`: every accepted event, sealed to the server. Readable by nobody here; survives logout, power loss, a
  full card, and of a damaged one what can be read.
- `centre`: roster and local history under the data key. Readable only while somebody is logged in.

`recorder` writes an event to both, in the order in which a crash between them loses nothing. `documents` are what comes
down from the server (like `centre` a `cache`, made anew when damaged), `key_provider` and `server_keys`
the keys. `clock` is the centre's time, `health` what is wrong.
"""
