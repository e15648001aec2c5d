"""How fast and how good the customer models are: generated shops of any size, and public purchase histories.

Nothing of the product imports this package.
"""
