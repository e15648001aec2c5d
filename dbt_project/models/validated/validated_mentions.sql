{{ validated('mentions') }}
