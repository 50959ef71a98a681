"""The forms of the staff: technicians, absences, shifts."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from beforehand.engine.weekly import DAYS
from beforehand.kernel.faults import Refused
from beforehand.kernel.fields import from_micros
from beforehand.kernel.zones import validate_zone
from beforehand.people.models import Provider, Team, Technician, User
from beforehand.people.roster_calendar import instant_of
from beforehand.people.staff_changes import taken
from beforehand.promises.file.hours import ALWAYS, read_hours, say_hours
from beforehand.promises.file.notation import Misread

from .account_forms import mark_wrong_fields

Choices = Iterable[tuple[int, str]]
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def technicians(provider: Provider, without: int | None = None) -> list[tuple[int, str]]:
    """Who works here, to choose from."""
    rows = Technician.objects.filter(provider=provider, active=True).order_by("folded")
    return [(pk, name) for pk, name in rows.values_list("pk", "name") if pk != without]


def teams(provider: Provider) -> list[tuple[int, str]]:
    """The teams, to choose from."""
    return list(Team.objects.filter(provider=provider).order_by("folded").values_list("pk", "name"))


def choice(label: str, rows: Choices, nobody: str = "", **more: Any) -> forms.TypedChoiceField:
    """One row of several, by its key; with words for `nobody`, none of them too."""
    choices: list[tuple[int | str, str]] = [("", nobody)] if nobody else []
    return forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=not nobody,
        label=label,
        choices=[*choices, *rows],
        error_messages={"invalid_choice": "This one is not there any more.", "required": "Choose one."},
        **more,
    )


class StaffForm(forms.Form):
    """A form that says at each field what is wrong, whoever found it."""

    def full_clean(self) -> None:
        """Cleans the form, and marks the fields that are wrong."""
        super().full_clean()
        mark_wrong_fields(self)

    def refuse(self, refused: Refused) -> None:
        """Puts each fault to its field, or to the form."""
        for fault in refused.faults:
            field = fault.place.rsplit(", ", 1)[-1]
            said = fault.expected[:1].upper() + fault.expected[1:].rstrip(".") + "."
            self.add_error(field if field in self.fields else None, said)
        mark_wrong_fields(self)


class TechnicianForm(StaffForm):
    """A technician: names, ways to reach them, hours, who stands in."""

    name = forms.CharField(max_length=200, help_text="As the ticket system has it.")
    aliases = forms.CharField(
        required=False,
        label="Further names",
        help_text="Others by which tickets or calendars name them, a line each.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    email = forms.EmailField(required=False, label="E-mail address")
    phone = forms.CharField(required=False, max_length=40, widget=forms.TextInput(attrs={"type": "tel"}))
    channels = forms.CharField(
        required=False,
        label="Reached by",
        help_text="Ways in order of preference, with commas between: email, sms.",
    )
    is_manager = forms.BooleanField(required=False, label="Service manager")
    day_list = forms.BooleanField(
        required=False,
        label="Day’s list",
        help_text="For a service manager: at the start of their day one message with what is late, due and at risk.",
    )
    hours = forms.CharField(
        required=False,
        label="Working hours",
        help_text="Such as Mon-Fri 9:00-17:30; Sat 22:00-6:00. Empty: round the clock.",
    )
    zone = forms.CharField(
        required=False,
        max_length=64,
        label="Time zone",
        validators=[validate_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = (
        "name", "aliases", "email", "phone", "channels", "team", "is_manager", "day_list", "hours", "zone", "deputy",
        "user",
    )  # fmt: skip

    def __init__(self, technician: Technician, data: Mapping[str, Any] | None = None) -> None:
        provider = technician.provider
        super().__init__(data, initial=_initial(technician))
        self.technician = technician
        self.fields["zone"].help_text = f"An IANA name such as Europe/London. Empty: {provider.zone}."
        self.fields["team"] = choice("Team", teams(provider), "(none)")
        self.fields["deputy"] = choice(
            "Deputy",
            technicians(provider, technician.pk),
            "(none)",
            help_text="Gets what comes while they are away.",
        )
        users = User.objects.filter(provider=provider, is_active=True).order_by("username")
        self.fields["user"] = choice(
            "Signs in as", [(one.pk, one.get_full_name() or one.username) for one in users], "(nobody)"
        )
        self.order_fields(self.field_order)

    def clean_aliases(self) -> list[str]:
        """Names, a line each."""
        lines = (" ".join(line.split()) for line in self.cleaned_data["aliases"].splitlines())
        return [line for line in lines if line]

    def clean_channels(self) -> list[str]:
        """Names of ways, each once."""
        names = [" ".join(name.split()).lower() for name in self.cleaned_data["channels"].split(",")]
        wrong = [name for name in names if len(name) > 40]
        if wrong:
            raise ValidationError(f"No name of a way: {', '.join(wrong)}. For example: email, sms.")
        return [name for name in dict.fromkeys(names) if name]

    def clean_hours(self) -> dict[str, list[list[str]]]:
        """The week as rows hold it; {} for round the clock."""
        text = self.cleaned_data["hours"].strip()
        try:
            hours = read_hours(text) if text else ALWAYS
        except Misread as wrong:
            raise ValidationError(f"Expected are {wrong.expected}, for example {wrong.example}.") from None
        if not hours:
            raise ValidationError("Who never works gets no warning: say some hours, or that they left.")
        return {} if hours == ALWAYS else hours

    def clean(self) -> dict[str, Any]:
        """No name is somebody else's: said here too, beside all else that is wrong."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        faults = tuple(taken(self.technician, asked.get("name", ""), asked.get("aliases", ())))
        if faults:
            self.refuse(Refused(faults))
        return asked

    def filled(self) -> Technician:
        """The technician with what the form says, not yet kept."""
        asked = self.cleaned_data
        for name in ("aliases", "email", "phone", "channels", "is_manager", "day_list", "hours", "zone"):
            setattr(self.technician, name, asked[name])
        self.technician.name = " ".join(asked["name"].split())
        self.technician.team_id, self.technician.deputy_id = asked["team"], asked["deputy"]
        self.technician.user_id = asked["user"]
        return self.technician


def _initial(technician: Technician) -> dict[str, object]:
    plain = ("name", "email", "phone", "is_manager", "day_list", "zone")
    return {name: getattr(technician, name) for name in plain} | {
        "aliases": "\n".join(technician.aliases),
        "channels": ", ".join(technician.channels),
        "hours": say_hours(technician.hours) if technician.hours else "",
        "team": technician.team_id,
        "deputy": technician.deputy_id,
        "user": technician.user_id,
    }


class TeamForm(StaffForm):
    """A team and its lead."""

    name = forms.CharField(max_length=200, label="Team", help_text="As the ticket system has it.")

    def __init__(self, team: Team, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["lead"] = choice("Lead", technicians(team.provider), "(none)")
        self.team = team

    def filled(self) -> Team:
        """The team with what the form says, not yet kept."""
        self.team.name = " ".join(self.cleaned_data["name"].split())
        self.team.lead_id = self.cleaned_data["lead"]
        return self.team


class AbsenceForm(StaffForm):
    """Somebody is away: whole days, or from and until a time of them, by their own clocks."""

    first_day = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    first_time = forms.TimeField(
        required=False, label="From (optional)", widget=forms.TimeInput(attrs={"type": "time"})
    )
    last_day = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    last_time = forms.TimeField(
        required=False, label="Until (optional)", widget=forms.TimeInput(attrs={"type": "time"})
    )
    note = forms.CharField(required=False, max_length=200, label="Note")

    def __init__(self, provider: Provider, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["technician"] = choice("Who", technicians(provider))
        self.order_fields(["technician"])

    def clean(self) -> dict[str, Any]:
        """The end is after the beginning."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        if "first_day" in asked and "last_day" in asked:
            first = datetime.combine(asked["first_day"], asked.get("first_time") or time())
            if self._end(asked) <= first:
                self.add_error("last_day", "This is before it begins.")
        return asked

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """The instants between which they are away, by the clocks of `zone`."""
        asked = self.cleaned_data
        first = datetime.combine(asked["first_day"], asked["first_time"] or time())
        return (
            from_micros(instant_of(first, zone, ends=False)),
            from_micros(instant_of(self._end(asked), zone, ends=True)),
        )

    @staticmethod
    def _end(asked: Mapping[str, Any]) -> datetime:
        day: date = asked["last_day"]
        at: time | None = asked.get("last_time")
        return datetime.combine(day, at) if at else datetime.combine(day, time()) + timedelta(days=1)


class ShiftForm(StaffForm):
    """Somebody is the dispatcher on some days of each week."""

    days = forms.TypedMultipleChoiceField(
        coerce=int,
        label="Days",
        choices=list(enumerate(day.title() for day in DAYS)),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day."},
    )
    begins = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label="Until", widget=forms.TimeInput(attrs={"type": "time"}))

    def __init__(self, provider: Provider, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["technician"] = choice("Who", technicians(provider))
        self.order_fields(["technician"])

    def seconds(self) -> tuple[int, int]:
        """From and until in seconds after midnight."""
        begins, ends = self.cleaned_data["begins"], self.cleaned_data["ends"]
        return _second(begins), _second(ends)


def _second(at: time) -> int:
    return at.hour * 3600 + at.minute * 60
