{{ validated('campaigns') }}
