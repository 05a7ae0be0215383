"""The district's centres: each one's day, live, as pages and as JSON."""
