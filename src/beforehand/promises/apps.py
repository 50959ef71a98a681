from django.apps import AppConfig


class PromisesConfig(AppConfig):
    name = "beforehand.promises"
    label = "promises"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from beforehand.kernel.backup.signals import restored
        from beforehand.promises.revisions import renew

        restored.connect(renew)
