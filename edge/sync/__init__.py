"""The kiosk's way to the district: sealed batches up over MQTT, receipts, leases and rosters down."""
