{{ validated('web_events') }}
