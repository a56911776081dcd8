"""The operator's host."""

from webapp.operator import urls as operator

urlpatterns = [*operator.urlpatterns]

handler400 = "webapp.shared.errors.views.bad_request"
handler403 = "webapp.shared.errors.views.forbidden"
handler404 = "webapp.shared.errors.views.not_found"
handler500 = "webapp.shared.errors.views.broken"
