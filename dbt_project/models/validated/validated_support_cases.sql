{{ validated('support_cases') }}
