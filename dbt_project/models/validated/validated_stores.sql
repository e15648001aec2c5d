{{ validated('stores') }}
