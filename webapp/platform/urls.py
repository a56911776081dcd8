"""Addresses of the platform host."""

from __future__ import annotations

from django.urls import path

from webapp.platform.sandbox import checkout as sandbox_checkout
from webapp.platform.sandbox import onboarding as sandbox_onboarding
from webapp.platform.sign_up import views as sign_up

urlpatterns = [
    path("", sign_up.product_page, name="home"),
    path("sign-up/", sign_up.sign_up_page, name="sign-up"),
    path("sign-up/confirm/<str:token>/", sign_up.confirm_page, name="confirm-sign-up"),
]

sandbox = [
    path(
        "sandbox/onboarding/<str:account>/",
        sandbox_onboarding.onboarding_page,
        name="sandbox-onboarding",
    ),
    path("sandbox/pay/<str:session_id>/", sandbox_checkout.checkout_page, name="sandbox-checkout"),
]
