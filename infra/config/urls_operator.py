"""The operator's host."""

from webapp.urls import operator

urlpatterns = [*operator.urlpatterns]

handler400 = "webapp.pages.errors.bad_request"
handler403 = "webapp.pages.errors.forbidden"
handler404 = "webapp.pages.errors.not_found"
handler500 = "webapp.pages.errors.broken"
