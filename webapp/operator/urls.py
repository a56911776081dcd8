"""Addresses of the operator's console."""

from __future__ import annotations

from django.urls import path

from webapp.operator.failures import views as failures
from webapp.operator.firms import views as firms
from webapp.shared import public_urls as doors

urlpatterns = [
    path("", firms.list_page, name="home"),
    path("firms/<uuid:pk>/", firms.firm_page, name="firm"),
    path("firms/<uuid:pk>/suspend/", firms.suspend_page, name="suspend-firm"),
    path("firms/<uuid:pk>/reactivate/", firms.reactivate_page, name="reactivate-firm"),
    path("failures/", failures.list_page, name="failures"),
    path("failures/tasks/<uuid:pk>/retry/", failures.retry_task_page, name="retry-task"),
    path("failures/events/<uuid:pk>/retry/", failures.retry_event_page, name="retry-event"),
    *doors.urlpatterns,
    *doors.brand,
]
