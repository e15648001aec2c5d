{{ validated('coupons') }}
