"""Addresses of a firm's console."""

from __future__ import annotations

from django.urls import path

from webapp.console.branding import views as branding
from webapp.console.clients import attorneys, contacts
from webapp.console.clients import views as clients
from webapp.console.colleagues import views as colleagues
from webapp.console.credit_notes import views as credit_notes
from webapp.console.home import views as home
from webapp.console.impersonation import views as viewing
from webapp.console.impersonation.views import may_open_portal
from webapp.console.imports import views as imports
from webapp.console.invoices import close as end_invoice
from webapp.console.invoices import edit as edit_invoice
from webapp.console.invoices import new as new_invoice
from webapp.console.invoices import views as invoices
from webapp.console.matters import views as matters
from webapp.console.payments import views as payments
from webapp.console.settings import views as settings
from webapp.kit.gateway_pages import may_lead_to_onboarding
from webapp.shared import public_urls as doors

urlpatterns = [
    path("", home.home_page, name="home"),
    path("search/", home.search_page, name="search"),
    path("clients/", clients.list_page, name="clients"),
    path("clients/new/", clients.new_page, name="new-client"),
    path("clients/<uuid:pk>/", may_open_portal(clients.client_page), name="client"),
    path("clients/<uuid:pk>/edit/", clients.edit_page, name="edit-client"),
    path("clients/<uuid:pk>/contacts/new/", contacts.new_page, name="new-contact"),
    path("clients/<uuid:pk>/matters/new/", matters.new_page, name="new-matter"),
    path(
        "clients/<uuid:pk>/assign/", may_open_portal(attorneys.assign_page), name="assign-attorney"
    ),
    path("clients/<uuid:pk>/unassign/", attorneys.unassign_page, name="unassign-attorney"),
    path("contacts/<uuid:pk>/edit/", contacts.edit_page, name="edit-contact"),
    path("contacts/<uuid:pk>/invite/", may_open_portal(contacts.invite_page), name="invite"),
    path("contacts/<uuid:pk>/view-as/", viewing.view_as_page, name="view-as"),
    path("invitations/<uuid:pk>/revoke/", contacts.revoke_page, name="revoke-invitation"),
    path("matters/<uuid:pk>/edit/", matters.edit_page, name="edit-matter"),
    path("matters/<uuid:pk>/close/", matters.close_page, name="close-matter"),
    path("matters/<uuid:pk>/reopen/", matters.reopen_page, name="reopen-matter"),
    path("invoices/", invoices.list_page, name="invoices"),
    path("invoices/new/", new_invoice.new_page, name="new-invoice"),
    path("invoices/send/", invoices.bulk_send_page, name="send-invoices"),
    path("invoices/<uuid:pk>/", may_open_portal(invoices.invoice_page), name="invoice"),
    path("invoices/<uuid:pk>/edit/", edit_invoice.edit_page, name="edit-invoice"),
    path("invoices/<uuid:pk>/pdf/", invoices.pdf_page, name="invoice-pdf"),
    path("invoices/<uuid:pk>/send/", may_open_portal(invoices.send_page), name="send-invoice"),
    path("invoices/<uuid:pk>/share/", may_open_portal(invoices.share_page), name="share-invoice"),
    path(
        "invoices/<uuid:pk>/unshare/",
        may_open_portal(invoices.unshare_page),
        name="unshare-invoice",
    ),
    path("invoices/<uuid:pk>/void/", end_invoice.void_page, name="void-invoice"),
    path("invoices/<uuid:pk>/write-off/", end_invoice.write_off_page, name="write-off-invoice"),
    path("invoices/<uuid:pk>/credit/", credit_notes.credit_page, name="credit-invoice"),
    path("invoices/<uuid:pk>/delete/", invoices.delete_page, name="delete-draft"),
    path("invoices/credit-notes/", credit_notes.list_page, name="credit-notes"),
    path(
        "credit-notes/<uuid:pk>/pdf/",
        credit_notes.credit_note_pdf_page,
        name="credit-note-pdf",
    ),
    path("payments/", payments.list_page, name="payments"),
    path("payments/<uuid:pk>/", payments.payment_page, name="payment"),
    path("payments/<uuid:pk>/receipt/", payments.receipt_page, name="receipt"),
    path("imports/", imports.list_page, name="imports"),
    path("imports/<uuid:pk>/", imports.import_page, name="import"),
    path("imports/<uuid:pk>/mapping/", imports.mapping_page, name="import-mapping"),
    path("imports/<uuid:pk>/run/", imports.run_page, name="run-import"),
    path("look/", branding.branding_page, name="branding"),
    path("look/preview/", branding.preview_page, name="branding-preview"),
    path("look/preview.css", branding.preview_stylesheet, name="branding-preview-css"),
    path("look/publish/", branding.publish_page, name="publish-brand"),
    path("look/<uuid:pk>/restore/", branding.restore_page, name="restore-brand"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/identity/", settings.identity_page, name="identity"),
    path("settings/people/", settings.people_page, name="people"),
    path("settings/people/<uuid:pk>/", colleagues.colleague_page, name="colleague"),
    path(
        "settings/people/<uuid:pk>/deactivate/",
        colleagues.deactivate_page,
        name="deactivate-colleague",
    ),
    path(
        "settings/people/<uuid:pk>/reactivate/",
        colleagues.reactivate_page,
        name="reactivate-colleague",
    ),
    path("settings/people/<uuid:pk>/revoke/", settings.revoke_page, name="revoke-staff-invitation"),
    path(
        "settings/payments/",
        may_lead_to_onboarding(settings.payments_page),
        name="payment-settings",
    ),
    path("settings/tokens/", settings.tokens_page, name="tokens"),
    path("settings/tokens/<uuid:pk>/revoke/", settings.revoke_token_page, name="revoke-token"),
    *doors.urlpatterns,
    *doors.brand,
    *doors.invitations,
]
