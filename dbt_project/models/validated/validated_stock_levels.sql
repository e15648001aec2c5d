{{ validated('stock_levels') }}
