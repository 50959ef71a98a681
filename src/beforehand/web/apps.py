"""The pages' app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, their templates and styles."""

    name = "beforehand.web"
    label = "web"
