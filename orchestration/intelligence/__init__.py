"""Stage intelligence: what `models/` says of each customer and product, written to the lake with its grades."""
