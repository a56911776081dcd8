"""Addresses of the API. The console has all of it, the portal what clients may use."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from portal_api.docs import ApiDocsView, ApiSchemaView
from portal_api.v1.auth import views as auth
from portal_api.v1.brand import views as brand
from portal_api.v1.clients import views as clients
from portal_api.v1.colleagues import views as colleagues
from portal_api.v1.credit_notes import views as credit_notes
from portal_api.v1.imports import views as imports
from portal_api.v1.invoices import views as invoices
from portal_api.v1.matters import views as matters
from portal_api.v1.payments import views as payments
from portal_api.v1.portal_settings import views as portal_settings
from portal_api.v1.tokens import views as tokens

auth_urls = [
    path("csrf/", auth.CsrfView.as_view(), name="csrf"),
    path("login/", auth.SignIn.as_view(), name="login"),
    path("logout/", auth.SignOut.as_view(), name="logout"),
    path("user/", auth.Account.as_view(), name="user"),
    path("password/change/", auth.ChangePassword.as_view(), name="password-change"),
    path("password/reset/", auth.RequestReset.as_view(), name="password-reset"),
    path("password/reset/confirm/", auth.ConfirmReset.as_view(), name="password-reset-confirm"),
]

shared = SimpleRouter(use_regex_path=False)
shared.register("clients", clients.ClientViewSet, basename="client")
shared.register("matters", matters.MatterViewSet, basename="matter")
shared.register("invoices", invoices.InvoiceViewSet, basename="invoice")
shared.register("credit-notes", credit_notes.CreditNoteViewSet, basename="credit-note")
shared.register("payments", payments.PaymentViewSet, basename="payment")

staff = SimpleRouter(use_regex_path=False)
staff.register("contacts", clients.ContactViewSet, basename="contact")
staff.register("invitations", clients.InvitationViewSet, basename="invitation")
staff.register("colleagues", colleagues.ColleagueViewSet, basename="colleague")
staff.register("imports", imports.ImportViewSet, basename="import")
staff.register("tokens", tokens.ApiTokenViewSet, basename="token")

common: list[URLPattern | URLResolver] = [
    path("auth/", include((auth_urls, "auth"))),
    path("brand/", brand.BrandView.as_view(), name="brand"),
    path("", include(shared.urls)),
]
portal_v1 = (common, "api")
console_v1 = (
    [
        *common,
        path("brand/publish/", brand.BrandPublishView.as_view(), name="brand-publish"),
        path(
            "portal-settings/", portal_settings.PortalSettingsView.as_view(), name="portal-settings"
        ),
        path("", include(staff.urls)),
    ],
    "api",
)

docs: list[URLPattern | URLResolver] = [
    path("schema/", ApiSchemaView.as_view(), name="api-schema"),
    path("docs/", ApiDocsView.as_view(), name="api-docs"),
]
portal_urls: list[URLPattern | URLResolver] = [path("v1/", include(portal_v1)), *docs]
console_urls: list[URLPattern | URLResolver] = [path("v1/", include(console_v1)), *docs]
