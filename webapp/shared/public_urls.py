"""Addresses that every surface with a sign-in has."""

from __future__ import annotations

from django.urls import path

from webapp.shared.brand_assets import views as brand_assets
from webapp.shared.invitations import views as invitation
from webapp.shared.profile import views as profile
from webapp.shared.sign_in import views as sign_in

urlpatterns = [
    path("sign-in/", sign_in.sign_in_page, name="sign-in"),
    path("sign-in/code/", sign_in.code_page, name="sign-in-code"),
    path("sign-in/unlock/<str:token>/", sign_in.unlock_page, name="unlock"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("password/forgotten/", sign_in.forgot_password, name="forgot-password"),
    path("password/reset/<str:token>/", sign_in.new_password, name="new-password"),
    path("profile/", profile.profile_page, name="profile"),
    path("profile/password/", profile.password_page, name="password"),
    path("profile/theme/", profile.theme, name="theme"),
    path("profile/factor/", profile.factor_page, name="factor"),
    path("profile/factor/remove/", profile.remove_factor_page, name="remove-factor"),
    path("profile/sessions/<uuid:pk>/end/", profile.end_session_page, name="end-session"),
    path("profile/sessions/end-others/", profile.end_others_page, name="end-other-sessions"),
]

brand = [
    path("brand/<slug:digest>.css", brand_assets.stylesheet, name="brand-stylesheet"),
    path("brand/image/<str:name>", brand_assets.image, name="brand-image"),
]

invitations = [
    path("invitation/<str:token>/", invitation.accept_page, name="accept-invitation"),
    path("invitation/<str:token>/renew/", invitation.renew_page, name="renew-invitation"),
]
