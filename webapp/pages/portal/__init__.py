"""Pages of a firm's client portal."""
