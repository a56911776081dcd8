"""Addresses of a firm's client portal."""

from __future__ import annotations

from django.urls import path

from webapp.portal.home import views as home
from webapp.portal.impersonation import views as viewing
from webapp.portal.invoices import views as invoices
from webapp.portal.payments import views as payments
from webapp.shared import public_urls as doors

urlpatterns = [
    path("", home.home_page, name="home"),
    path("invoices/", invoices.list_page, name="invoices"),
    path("invoices/<uuid:pk>/", invoices.invoice_page, name="invoice"),
    path("invoices/<uuid:pk>/pdf/", invoices.pdf_page, name="invoice-pdf"),
    path("credit-notes/<uuid:pk>/pdf/", invoices.credit_note_pdf_page, name="credit-note-pdf"),
    path("invoices/<uuid:pk>/pay/", payments.pay_page, name="pay"),
    path("payments/", payments.list_page, name="payments"),
    path("payments/<uuid:pk>/", payments.payment_page, name="payment"),
    path("payments/<uuid:pk>/receipt/", payments.receipt_page, name="receipt"),
    path("viewing/", viewing.only_page, name="viewing-only"),
    path("viewing/leave/", viewing.leave_page, name="leave-viewing"),
    path("viewing/ended/", viewing.ended_page, name="viewing-ended"),
    path("viewing/<str:ticket>/", viewing.open_page, name="open-viewing"),
    *doors.urlpatterns,
    *doors.brand,
    *doors.invitations,
]
