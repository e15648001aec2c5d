"""Stage validated: the gate. Great Expectations judges staged entities; rows that break a rule are quarantined.

The rules themselves live with each entity in `dbt_project/models/staged`; here is only what enforces them.
"""
