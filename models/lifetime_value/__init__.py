"""Lifetime value: what each customer is expected to buy in the days to come, with intervals and a ledger of why."""
