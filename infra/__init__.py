"""The ground and the roof: nothing in here knows law or money."""
