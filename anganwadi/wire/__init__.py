"""How events travel: frames of sealed events going up, signed receipts and sealed messages coming down.

    events -> chain (a running hash) -> frame (header, zstd, HPKE, Ed25519) -> MQTT topic -> the server
    the server -> receipt (Ed25519) -> the kiosk forgets what is safe
    the server -> letters (HPKE to one key, Ed25519) -> a log-in's lease, the parts of documents
    the district's root -> announcement (Ed25519) -> the kiosk seals to a new key

`docs/wire.md` gives every byte.
"""
