{{ validated('consents') }}
