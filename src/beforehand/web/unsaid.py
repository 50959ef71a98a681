"""A field for what is secret: it goes in, and never comes out."""

from django import forms


class Unsaid(forms.PasswordInput):
    """Seen while it is filled in, and empty when it comes back; browsers neither remember nor check it."""

    input_type = "text"

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off", "spellcheck": "false"})
