"""Backfill: what the models would have said on earlier dates, from what was known then, and how right it was."""
