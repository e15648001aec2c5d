{{ validated('campaign_touches') }}
