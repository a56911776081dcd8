"""Limits on how often something may be done, counted in PostgreSQL."""
