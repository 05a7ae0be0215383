"""What an Anganwadi centre does, in Python: people, events, entitlements, growth, evidence; and how events travel.

No I/O, no framework, no globals. The kiosk (`edge`) and the district server (`server`) both import this package; it
imports neither.
"""
