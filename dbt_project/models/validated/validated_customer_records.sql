{{ validated('customer_records') }}
