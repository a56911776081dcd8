"""The demo: three law firms with character, made through the services like anybody's data."""
