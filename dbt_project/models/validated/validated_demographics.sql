{{ validated('demographics') }}
