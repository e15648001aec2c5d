{{ validated('products') }}
