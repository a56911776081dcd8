"""A firm's portal host: pages and API over the same rooms."""

from django.urls import include, path

from portal_api.urls import portal_urls
from webapp.urls import portal

# The API first: a page costs one comparison more, a call of the API twenty fewer.
urlpatterns = [path("api/", include(portal_urls)), *portal.urlpatterns]

handler400 = "webapp.pages.errors.bad_request"
handler403 = "webapp.pages.errors.forbidden"
handler404 = "webapp.pages.errors.not_found"
handler500 = "webapp.pages.errors.broken"
