"""Drills: the whole of Portico at work while its servers are killed. ``python -m infra.tooling.chaos``."""
