"""Pages of a firm's console."""
