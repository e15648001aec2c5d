{{ validated('coupon_redemptions') }}
