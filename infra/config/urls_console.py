"""A firm's console host: pages and API over the same rooms."""

from django.urls import include, path

from portal_api.urls import console_urls
from webapp.console import urls as console

urlpatterns = [path("api/", include(console_urls)), *console.urlpatterns]

handler400 = "webapp.shared.errors.views.bad_request"
handler403 = "webapp.shared.errors.views.forbidden"
handler404 = "webapp.shared.errors.views.not_found"
handler500 = "webapp.shared.errors.views.broken"
