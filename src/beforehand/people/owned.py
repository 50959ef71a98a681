"""What most tables share, here and in the rooms above."""

from django.db import models


class Owned(models.Model):
    """A row of one provider. The column has no index of its own, because it leads every other one."""

    provider = models.ForeignKey(
        "people.Provider", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True
