"""How fast the published tables answer what dashboards ask, on a generated shop of any size."""
