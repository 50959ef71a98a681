"""The kernel app."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Rows that are due, and the workers that take them."""

    name = "beforehand.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"
    not_backed_up = ("kernel_worker",)

    def ready(self) -> None:
        """What was taken by a worker of another database is free again."""
        from beforehand.kernel.backup.signals import restored
        from beforehand.kernel.due.queue import free_all

        restored.connect(free_all)
