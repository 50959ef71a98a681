"""What a user may do: each role may do all that those after it may."""

from django.db import models


class Role(models.TextChoices):
    """The roles, the one that may do most first."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    MEMBER = "member", "Member"
    READ_ONLY = "read-only", "Read-only"

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do what `other` may."""
        order = list(Role)
        return order.index(self) <= order.index(other)

    @property
    def below(self) -> tuple["Role", ...]:
        """The roles that may do less."""
        return tuple(role for role in Role if self.includes(role) and role is not self)
