"""The form of a channel: what is secret goes in, and never comes out."""

from collections.abc import Mapping
from typing import Any

from django import forms

from beforehand.alerts.models import Channel, Way
from beforehand.people.models import Technician

from .staff_forms import StaffForm
from .unsaid import Unsaid


class ChannelForm(StaffForm):
    """A channel. Whether it may be within the house is an owner's to say."""

    name = forms.CharField(max_length=200, help_text="As ladders name it: channel NAME.")
    kind = forms.ChoiceField(choices=Channel.Kind.choices)
    address = forms.CharField(required=False, widget=Unsaid(), max_length=2000)
    secret = forms.CharField(required=False, widget=Unsaid(), max_length=200)
    say = forms.ChoiceField(label="Messages say", choices=Channel.Say.choices)
    allow_private = forms.BooleanField(
        required=False,
        label="May be within a private network",
        help_text="Then http:// is called too, and this machine itself.",
    )

    def __init__(self, channel: Channel, owner: bool, data: Mapping[str, Any] | None = None) -> None:
        plain = ("name", "kind", "say", "allow_private")
        super().__init__(data, initial={name: getattr(channel, name) for name in plain})
        self.channel, self.owner = channel, owner
        stays = "Empty: it stays as it is. " if channel.pk else ""
        self.fields["address"].help_text = stays + (
            "A webhook's URL, the key of PagerDuty or Opsgenie, or an Apprise address; with {phone} in it people "
            "are reached by their numbers."
        )
        self.fields["secret"].help_text = stays or "It signs each message. Empty: one is made."
        if channel.pk:
            del self.fields["kind"]
        if channel.kind != Channel.Kind.WEBHOOK and channel.pk:
            del self.fields["secret"]
        else:
            self.fields["secret"].label = "Secret of a webhook"
        if not owner:
            del self.fields["allow_private"]

    def filled(self) -> Channel:
        """The channel with what the form says, not yet kept, and without what is sealed."""
        asked = self.cleaned_data
        self.channel.name = " ".join(asked["name"].split())
        self.channel.kind, self.channel.say = asked.get("kind", self.channel.kind), asked["say"]
        if self.owner:
            self.channel.allow_private = asked["allow_private"]
        elif asked["address"]:
            # What an owner allowed was allowed for another address.
            self.channel.allow_private = False
        return self.channel


class WayForm(StaffForm):
    """A further way to somebody, of their own. Whether it may be within the house is an owner's to say."""

    name = forms.CharField(max_length=40, label="Name", initial="sms", help_text="As ladders name it.")
    address = forms.CharField(
        widget=Unsaid(),
        max_length=2000,
        label="Apprise address",
        help_text="Such as twilio://SID:TOKEN@FROM/TO.",
    )
    say = forms.ChoiceField(label="Messages say", choices=Channel.Say.choices, initial=Channel.Say.BARE)
    allow_private = forms.BooleanField(required=False, label="May be within a private network")

    def __init__(self, technician: Technician, owner: bool, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix="way")
        self.technician = technician
        if not owner:
            del self.fields["allow_private"]

    def filled(self) -> Way:
        """The way that the form says, not yet kept, and without what is sealed."""
        asked = self.cleaned_data
        return Way(
            provider=self.technician.provider, technician=self.technician, name=" ".join(asked["name"].split()),
            say=asked["say"], allow_private=asked.get("allow_private", False),
        )  # fmt: skip
