"""Signing in and out by session, one's own account, passwords: dj-rest-auth over our one sign-in."""

from __future__ import annotations

from typing import Any

from dj_rest_auth.views import LoginView, LogoutView, PasswordChangeView, UserDetailsView
from django.middleware.csrf import get_token, rotate_token
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from infra.common.field_bounds import bounds
from portal_api.permissions import InPerson, caller
from tenants.access.password_reset import change_password, request_password_reset, reset_password
from tenants.access.sign_in import complete_sign_in, sign_in, start_session
from tenants.people.models import User
from tenants.people.profile import update_profile
from tenants.people.roles import KIND_OF_SURFACE


class PersonOutput(serializers.ModelSerializer[User]):
    """The signed-in person."""

    class Meta:
        model = User
        fields = ("id", "email", "name", "phone", "kind", "role", "language", "time_zone", "theme")
        read_only_fields = fields


class LoginInput(serializers.Serializer[Any]):
    """Address and password, with the code where a second factor is set up; or the pending value and the code."""

    email = serializers.EmailField(required=False, **bounds(User, "email"))
    password = serializers.CharField(
        required=False, max_length=256, trim_whitespace=False, style={"input_type": "password"}
    )
    code = serializers.CharField(required=False, allow_blank=True, max_length=64)
    pending = serializers.CharField(required=False, max_length=600)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("pending"):
            if not attrs.get("code"):
                raise serializers.ValidationError({"code": [_("Give the code.")]})
            return attrs
        missing = [name for name in ("email", "password") if not attrs.get(name)]
        if missing:
            raise serializers.ValidationError(
                {name: [_("This field is required.")] for name in missing}
            )
        return attrs


@method_decorator(csrf_protect, name="dispatch")
class SignIn(LoginView):
    """Open a session. Needs the CSRF cookie of ``auth/csrf/`` and its header."""

    serializer_class = LoginInput
    throttle_classes = ()

    @extend_schema(request=LoginInput, responses={200: PersonOutput})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shape = LoginInput(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        if given.get("pending"):
            signed_in = complete_sign_in(pending=given["pending"], code=given["code"])
        else:
            signed_in = sign_in(
                email=given["email"], password=given["password"], code=given.get("code", "")
            )
        start_session(request.session, signed_in)
        rotate_token(request._request)
        return Response(PersonOutput(signed_in.user).data)


class SignOut(LogoutView):
    """End the session."""

    permission_classes = (InPerson,)
    http_method_names = ["post"]

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        request.session.flush()
        return Response(status=status.HTTP_204_NO_CONTENT)


class CsrfView(APIView):
    """Sets the CSRF cookie and tells its value, for programs that keep a session."""

    permission_classes = (AllowAny,)

    class Output(serializers.Serializer[Any]):
        """The value for the ``X-CSRFToken`` header."""

        token = serializers.CharField()

        class Meta:
            ref_name = "CsrfOutput"

    @extend_schema(responses={200: Output})
    def get(self, request: Request) -> Response:
        return Response({"token": get_token(request._request)})


class ProfileInput(serializers.Serializer[Any]):
    """What a person may change of their own account."""

    name = serializers.CharField(required=False, **bounds(User, "name"))
    phone = serializers.CharField(required=False, allow_blank=True, **bounds(User, "phone"))
    language = serializers.ChoiceField(choices=("en", "fr", "nl", "de"), required=False)
    theme = serializers.ChoiceField(choices=User.Theme.choices, required=False)


class Account(UserDetailsView):
    """The signed-in person."""

    permission_classes = (InPerson,)
    serializer_class = PersonOutput
    http_method_names = ["get", "patch"]

    @extend_schema(request=ProfileInput, responses={200: PersonOutput})
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shape = ProfileInput(data=request.data)
        shape.is_valid(raise_exception=True)
        user = update_profile(user=caller(request), changes=shape.validated_data)
        return Response(PersonOutput(user).data)


class PasswordChangeInput(serializers.Serializer[Any]):
    """The present password and the new one."""

    old_password = serializers.CharField(max_length=256, trim_whitespace=False)
    new_password = serializers.CharField(max_length=256, trim_whitespace=False)


class ChangePassword(PasswordChangeView):
    """Set a new password; every other session ends."""

    permission_classes = (InPerson,)
    serializer_class = PasswordChangeInput
    throttle_classes = ()

    @extend_schema(request=PasswordChangeInput, responses={204: None})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shape = PasswordChangeInput(data=request.data)
        shape.is_valid(raise_exception=True)
        change_password(
            user=caller(request),
            present=shape.validated_data["old_password"],
            new=shape.validated_data["new_password"],
            keep_session=request.session.session_key or "",
        )
        request.session["_auth_user_hash"] = caller(request).get_session_auth_hash()
        request.session.cycle_key()
        rotate_token(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResetRequestInput(serializers.Serializer[Any]):
    """The address to which a reset link is mailed, if it is known here."""

    email = serializers.EmailField(**bounds(User, "email"))


@method_decorator(csrf_protect, name="dispatch")
class RequestReset(APIView):
    """Ask for a reset link. The answer is the same for known and unknown addresses."""

    permission_classes = (AllowAny,)

    @extend_schema(request=ResetRequestInput, responses={202: None})
    def post(self, request: Request) -> Response:
        shape = ResetRequestInput(data=request.data)
        shape.is_valid(raise_exception=True)
        surface = getattr(request, "surface", "")
        request_password_reset(
            email=shape.validated_data["email"], kind=KIND_OF_SURFACE.get(surface, User.Kind.CLIENT)
        )
        return Response(status=status.HTTP_202_ACCEPTED)


class ResetInput(serializers.Serializer[Any]):
    """The mailed token and the new password."""

    token = serializers.CharField(max_length=600)
    new_password = serializers.CharField(max_length=256, trim_whitespace=False)


@method_decorator(csrf_protect, name="dispatch")
class ConfirmReset(APIView):
    """Set a new password by the mailed token; the second factor is still asked at sign-in."""

    permission_classes = (AllowAny,)

    @extend_schema(request=ResetInput, responses={204: None})
    def post(self, request: Request) -> Response:
        shape = ResetInput(data=request.data)
        shape.is_valid(raise_exception=True)
        reset_password(
            token=shape.validated_data["token"], new=shape.validated_data["new_password"]
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
