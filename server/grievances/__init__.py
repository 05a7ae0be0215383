"""Grievances: somebody left without her ration, and the office has a day to find out why."""
