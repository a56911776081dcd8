"""A firm's console host: pages and API over the same rooms."""

from django.urls import include, path

from portal_api.urls import console_urls
from webapp.urls import console

urlpatterns = [path("api/", include(console_urls)), *console.urlpatterns]

handler400 = "webapp.pages.errors.bad_request"
handler403 = "webapp.pages.errors.forbidden"
handler404 = "webapp.pages.errors.not_found"
handler500 = "webapp.pages.errors.broken"
