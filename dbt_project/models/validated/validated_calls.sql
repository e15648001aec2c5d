{{ validated('calls') }}
