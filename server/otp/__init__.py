"""Codes to families' phones: evidence for a ration where neither a face nor a card is."""
