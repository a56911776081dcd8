"""Leaf parts named by noun; they import no room and no door."""
