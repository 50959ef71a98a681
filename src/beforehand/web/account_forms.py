"""The forms of those who come in: the first user, and who was invited."""

from typing import Any

from django import forms

from beforehand.kernel.faults import Refused


class NewUserForm(forms.Form):
    """Who somebody new wants to be here."""

    username = forms.CharField(
        max_length=150, label="Your user name", widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="A password",
        help_text="Ten characters or more, and not one that everybody uses.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def full_clean(self) -> None:
        """Cleans the form, and marks the fields that are wrong."""
        super().full_clean()
        mark_wrong_fields(self)

    def clean(self) -> dict[str, Any]:
        """The two passwords must be the same."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "This is not the same password.")
        return cleaned

    def refuse(self, refused: Refused) -> None:
        """Puts each fault to its field, or to the form."""
        for fault in refused.faults:
            field = fault.place.rsplit(", ", 1)[-1]
            field = "name" if field == "slug" and "name" in self.fields else field
            self.add_error(field if field in self.fields else None, fault.expected)
        mark_wrong_fields(self)


class SetUpForm(NewUserForm):
    """The first user and, where there is none yet, the provider."""

    name = forms.CharField(max_length=200, label="Your company")
    zone = forms.CharField(
        max_length=64,
        label="Its time zone",
        help_text="An IANA name such as Europe/London.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="Your e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    field_order = ("name", "zone", "username", "email", "password", "again")

    def __init__(self, *args: Any, with_provider: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not with_provider:
            # Before anything is found wrong with them.
            del self.fields["name"], self.fields["zone"]


class JoinForm(NewUserForm):
    """Who was invited. The address is the one of the invitation."""

    name = forms.CharField(
        max_length=300,
        required=False,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "username", "password", "again")


def mark_wrong_fields(form: forms.Form) -> None:
    """Says at each field that has an error that it does, to those who do not see the page."""
    for name in form.errors or () if form.is_bound else ():
        if name in form.fields:
            form.fields[name].widget.attrs |= {"aria-invalid": "true"}
