"""Payments and their receipts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from billing.gateway.interface import PaymentMethod
from billing.payments.models import Payment
from billing.payments.selectors import find_payments, get_payment
from billing.payments.services.reading import download_receipt, get_receipt
from portal_api.downloads import requested_file
from portal_api.fields import MoneyOutput, NamedOutput, money
from portal_api.permissions import SignedIn, caller


class PaidOutput(serializers.Serializer[Any]):
    """An invoice that the payment is for."""

    invoice = serializers.UUIDField()
    number = serializers.CharField(allow_null=True)
    amount = MoneyOutput()


class PaymentOutput(serializers.Serializer[Any]):
    """A payment; ``redirect_url`` leads the payer on, right after starting it."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Payment.State.choices)
    amount = MoneyOutput(help_text="What was asked for.")
    received = MoneyOutput(
        allow_null=True, help_text="What came; null until the payment succeeded."
    )
    client = NamedOutput()
    method = serializers.CharField(
        help_text=f"Empty until it is known; else one of {', '.join(PaymentMethod)}."
    )
    last4 = serializers.CharField()
    receipt_number = serializers.CharField(allow_null=True)
    failure = serializers.CharField()
    created_at = serializers.DateTimeField()
    succeeded_at = serializers.DateTimeField(allow_null=True)
    invoices = PaidOutput(many=True)
    redirect_url = serializers.CharField(allow_null=True)


def payment_data(payment: Payment) -> dict[str, Any]:
    """A payment as the API shows it."""
    return {
        "id": payment.pk,
        "state": payment.state,
        "amount": money(payment.amount, payment.currency),
        "received": None if payment.received is None else money(payment.received, payment.currency),
        "client": {"id": payment.client_id, "name": payment.client.name},
        "method": payment.method_type,
        "last4": payment.last4,
        "receipt_number": payment.receipt_number,
        "failure": payment.failure_message,
        "created_at": payment.created_at,
        "succeeded_at": payment.succeeded_at,
        "invoices": [
            {
                "invoice": item.invoice_id,
                "number": item.invoice.number,
                "amount": money(item.amount, payment.currency),
            }
            for item in payment.items.all()
        ],
        "redirect_url": None,
    }


class PaymentViewSet(GenericViewSet[Payment]):
    """Payments of the clients the person may see."""

    permission_classes = (SignedIn,)
    lookup_value_converter = "uuid"
    queryset = Payment.objects.none()
    serializer_class = PaymentOutput

    @extend_schema(responses={200: PaymentOutput(many=True)})
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(find_payments(caller(request)))
        return self.get_paginated_response([payment_data(payment) for payment in page or []])

    @extend_schema(responses={200: PaymentOutput})
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return Response(payment_data(get_payment(caller(request), pk)))

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def receipt(self, request: Request, pk: UUID) -> HttpResponse:
        return requested_file(
            request, download=download_receipt, look=get_receipt, payment_id=pk, by=caller(request)
        )
