"""The door for programs: JSON over the same services and selectors as the pages."""
