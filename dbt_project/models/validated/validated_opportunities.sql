{{ validated('opportunities') }}
