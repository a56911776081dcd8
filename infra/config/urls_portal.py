"""A firm's portal host: pages and API over the same rooms."""

from django.urls import include, path

from portal_api.urls import portal_urls
from webapp.portal import urls as portal

# The API first: a page costs one comparison more, a call of the API twenty fewer.
urlpatterns = [path("api/", include(portal_urls)), *portal.urlpatterns]

handler400 = "webapp.shared.errors.views.bad_request"
handler403 = "webapp.shared.errors.views.forbidden"
handler404 = "webapp.shared.errors.views.not_found"
handler500 = "webapp.shared.errors.views.broken"
