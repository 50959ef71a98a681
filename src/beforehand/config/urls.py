"""Which address belongs to which room."""

from django.urls import include, path

from beforehand.config.health import health, healthz
from beforehand.config.metrics import metrics

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("health", health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("beforehand.web.api.document")),
    path("", include("beforehand.web.urls")),
]
