"""Clients, contacts and invitations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from infra.common.actor import require
from infra.common.field_bounds import bounds
from portal_api.errors import named_by
from portal_api.fields import DayInput
from portal_api.permissions import SignedIn, Staff, caller
from portal_api.v1.colleagues.views import ColleagueOutput
from tenants.access.invitations import invite_contact, resend_invitation, revoke_invitation
from tenants.access.models import Invitation
from tenants.access.selectors import find_contact_invitations, get_contact_invitation
from tenants.firms.permissions import Permission
from tenants.people.clients import (
    assign_attorney,
    create_client,
    create_contact,
    unassign_attorney,
    update_client,
    update_contact,
)
from tenants.people.models import Client, Contact, User
from tenants.people.selectors import (
    attorneys_of,
    find_clients,
    find_contacts,
    get_client,
    get_colleague,
    get_contact,
)


class ClientOutput(serializers.ModelSerializer[Client]):
    """A client of the firm."""

    # May be empty, which an address in the strict sense may not.
    email = serializers.CharField()

    class Meta:
        model = Client
        fields = (
            "id",
            "kind",
            "code",
            "name",
            "email",
            "phone",
            "vat_number",
            "address",
            "country",
            "language",
        )
        read_only_fields = fields


class ClientInput(serializers.Serializer[Any]):
    """A client to create or change."""

    name = serializers.CharField(**bounds(Client, "name"))
    code = serializers.CharField(**bounds(Client, "code"))
    kind = serializers.ChoiceField(choices=Client.Kind.choices, default=Client.Kind.ORGANISATION)
    email = serializers.EmailField(required=False, allow_blank=True, **bounds(Client, "email"))
    phone = serializers.CharField(required=False, allow_blank=True, **bounds(Client, "phone"))
    vat_number = serializers.CharField(
        required=False, allow_blank=True, **bounds(Client, "vat_number")
    )
    address = serializers.CharField(required=False, allow_blank=True, **bounds(Client, "address"))
    country = serializers.RegexField(r"^([A-Z]{2})?$", required=False, allow_blank=True)
    language = serializers.ChoiceField(
        choices=("", "en", "fr", "nl", "de"), required=False, allow_blank=True
    )


class ContactOutput(serializers.ModelSerializer[Contact]):
    """Somebody who acts for a client; ``has_access`` once an invitation was accepted."""

    client = serializers.UUIDField(source="client_id")
    has_access = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields = (
            "id",
            "client",
            "name",
            "email",
            "phone",
            "title",
            "may_pay",
            "receives_invoices",
            "ends_on",
            "has_access",
        )
        read_only_fields = fields

    def get_has_access(self, contact: Contact) -> bool:
        return contact.user_id is not None


class ContactChange(serializers.Serializer[Any]):
    """What can change of a contact."""

    name = serializers.CharField(**bounds(Contact, "name"))
    email = serializers.EmailField(**bounds(Contact, "email"))
    phone = serializers.CharField(required=False, allow_blank=True, **bounds(Contact, "phone"))
    title = serializers.CharField(required=False, allow_blank=True, **bounds(Contact, "title"))
    may_pay = serializers.BooleanField(required=False)
    receives_invoices = serializers.BooleanField(required=False)
    ends_on = DayInput(required=False, allow_null=True)


class ContactInput(ContactChange):
    """A contact to create."""

    client = serializers.UUIDField()


class InvitationOutput(serializers.ModelSerializer[Invitation]):
    """An invitation and where it stands; its link exists only in the mail."""

    contact = serializers.UUIDField(source="contact_id", allow_null=True)
    state = serializers.ChoiceField(choices=Invitation.State.choices)

    class Meta:
        model = Invitation
        fields = ("id", "contact", "email", "name", "state", "created_at", "sent_at", "expires_at")
        read_only_fields = fields


class InvitationInput(serializers.Serializer[Any]):
    """The contact to invite."""

    contact = serializers.UUIDField()


class AttorneyInput(serializers.Serializer[Any]):
    """The attorney to assign or to take off, by a colleague's id."""

    attorney = serializers.UUIDField()


SEARCH = OpenApiParameter("search", str, description="Part of a name, number or address.")


class ClientViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Client]):
    """Clients the person may see: staff by role, contacts their own."""

    permission_classes = (SignedIn,)
    serializer_class = ClientOutput
    lookup_value_converter = "uuid"
    queryset = Client.objects.none()

    def get_queryset(self) -> Any:
        return find_clients(caller(self.request), self.request.query_params.get("search", ""))

    @extend_schema(parameters=[SEARCH])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=ClientInput, responses={201: ClientOutput})
    def create(self, request: Request) -> Response:
        shape = ClientInput(data=request.data)
        shape.is_valid(raise_exception=True)
        client = create_client(by=caller(request), **shape.validated_data)
        return Response(ClientOutput(client).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ClientInput, responses={200: ClientOutput})
    def partial_update(self, request: Request, pk: UUID) -> Response:
        client = get_client(caller(request), pk)
        shape = ClientInput(data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        changes = {
            name: shape.validated_data[name]
            for name in shape.validated_data
            if name in request.data
        }
        return Response(
            ClientOutput(update_client(client=client, changes=changes, by=caller(request))).data
        )

    def _attorneys(self, request: Request, client: Client) -> Response:
        return Response(ColleagueOutput(attorneys_of(client), many=True).data)

    def _named(self, request: Request) -> User:
        shape = AttorneyInput(data=request.data)
        shape.is_valid(raise_exception=True)
        with named_by("attorney", _("There is no such attorney.")):
            return get_colleague(shape.validated_data["attorney"])

    @extend_schema(responses={200: ColleagueOutput(many=True)}, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def attorneys(self, request: Request, pk: UUID) -> Response:
        """The attorneys who serve the client, and therefore see it."""
        require(caller(request).may(Permission.MANAGE_CLIENTS))
        return self._attorneys(request, get_client(caller(request), pk))

    @extend_schema(request=AttorneyInput, responses={200: ColleagueOutput(many=True)})
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: UUID) -> Response:
        """Let an attorney see and serve the client; twice is harmless. Answers who serves it now."""
        client = get_client(caller(request), pk)
        require(caller(request).may(Permission.MANAGE_CLIENTS))
        assign_attorney(client=client, attorney=self._named(request), by=caller(request))
        return self._attorneys(request, client)

    @extend_schema(request=AttorneyInput, responses={200: ColleagueOutput(many=True)})
    @action(detail=True, methods=["post"])
    def unassign(self, request: Request, pk: UUID) -> Response:
        """Take the client out of an attorney's sight at once; twice is harmless."""
        client = get_client(caller(request), pk)
        require(caller(request).may(Permission.MANAGE_CLIENTS))
        unassign_attorney(client=client, attorney=self._named(request), by=caller(request))
        return self._attorneys(request, client)


class ContactViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Contact]):
    """People who act for clients."""

    permission_classes = (Staff,)
    serializer_class = ContactOutput
    lookup_value_converter = "uuid"
    queryset = Contact.objects.none()

    def get_queryset(self) -> Any:
        return find_contacts(caller(self.request))

    @extend_schema(request=ContactInput, responses={201: ContactOutput})
    def create(self, request: Request) -> Response:
        shape = ContactInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = dict(shape.validated_data)
        client = get_client(caller(request), given.pop("client"))
        contact = create_contact(client=client, by=caller(request), **given)
        return Response(ContactOutput(contact).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ContactChange, responses={200: ContactOutput})
    def partial_update(self, request: Request, pk: UUID) -> Response:
        contact = get_contact(caller(request), pk)
        shape = ContactChange(data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        changed = update_contact(contact=contact, changes=shape.validated_data, by=caller(request))
        return Response(ContactOutput(changed).data)


class InvitationViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Invitation]):
    """Ways in that were sent to contacts."""

    permission_classes = (Staff,)
    serializer_class = InvitationOutput
    lookup_value_converter = "uuid"
    queryset = Invitation.objects.none()

    def get_queryset(self) -> Any:
        return find_contact_invitations(caller(self.request))

    @extend_schema(request=InvitationInput, responses={201: InvitationOutput})
    def create(self, request: Request) -> Response:
        shape = InvitationInput(data=request.data)
        shape.is_valid(raise_exception=True)
        contact = get_contact(caller(request), shape.validated_data["contact"])
        invitation = invite_contact(contact=contact, by=caller(request))
        return Response(InvitationOutput(invitation).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: InvitationOutput})
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: UUID) -> Response:
        invitation = get_contact_invitation(caller(request), pk)
        resend_invitation(invitation=invitation, by=caller(request))
        return Response(InvitationOutput(invitation).data)

    @extend_schema(request=None, responses={200: InvitationOutput})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: UUID) -> Response:
        invitation = get_contact_invitation(caller(request), pk)
        revoke_invitation(invitation=invitation, by=caller(request))
        return Response(InvitationOutput(get_contact_invitation(caller(request), pk)).data)
