"""Links by which a user sets a new password."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from beforehand.people.models import User


def password_link(user: User) -> str:
    """A link by which a user sets a new password; good for three days, and once."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, _, token = key.partition("-")
    return settings.PUBLIC_URL + reverse("account_reset_password_from_key", args=[uid, token])
