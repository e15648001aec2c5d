"""Demand forecasts beside statsforecast and Prophet, and how time and memory grow with the series."""
