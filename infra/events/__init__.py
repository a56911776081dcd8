"""Events: declared by rooms, stored with the change they tell of, delivered to each subscriber."""
