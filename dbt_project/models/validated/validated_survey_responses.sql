{{ validated('survey_responses') }}
