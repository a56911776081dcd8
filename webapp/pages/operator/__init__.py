"""The operator's console: firms as a whole, and what failed."""
