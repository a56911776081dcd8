"""Hosts of a firm that is not served: one calm notice at every address, and its brand."""

from django.urls import re_path

from webapp.pages.errors import suspended
from webapp.urls import doors

urlpatterns = [*doors.brand, re_path(r"^.*$", suspended, name="suspended")]

handler404 = "webapp.pages.errors.not_found"
handler500 = "webapp.pages.errors.broken"
