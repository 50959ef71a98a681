"""Which address belongs to which room."""

from django.urls import include, path

from beforehand.config.health import health, healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("health", health, name="health"),
    path("api/", include("beforehand.web.api.document")),
    path("", include("beforehand.web.urls")),
]
