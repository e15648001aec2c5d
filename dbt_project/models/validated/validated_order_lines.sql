{{ validated('order_lines') }}
