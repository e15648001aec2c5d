"""From scored pairs to customers and households: constraints, weak bridges, strays; no database, no scores."""
