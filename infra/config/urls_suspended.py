"""Hosts of a firm that is not served: one calm notice at every address, and its brand."""

from django.urls import re_path

from webapp.shared import public_urls as doors
from webapp.shared.errors.views import suspended

urlpatterns = [*doors.brand, re_path(r"^.*$", suspended, name="suspended")]

handler404 = "webapp.shared.errors.views.not_found"
handler500 = "webapp.shared.errors.views.broken"
