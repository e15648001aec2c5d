{{ validated('stock_outs') }}
