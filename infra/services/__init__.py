"""Starts, watches and stops everything that the demo and the tests run on.

Standard library only: this package must work the moment .venv exists, and it must stay
readable without knowing Django. `python -m infra.services up|test|check`.
"""
