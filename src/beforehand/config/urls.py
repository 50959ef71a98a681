"""Which address belongs to which room."""

from django.urls import include, path

from beforehand.config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("beforehand.web.api.document")),
    path("", include("beforehand.web.urls")),
]
