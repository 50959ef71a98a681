"""Which settings of a connection stand folded away, and when they are unfolded."""

from datetime import UTC, datetime

import pytest

from beforehand.connectors.models import Connection
from beforehand.connectors.registry import connector
from beforehand.people.models import Provider
from beforehand.tickets.models import Source
from beforehand.web.connect_forms import ConnectionForm

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.django_db
def test_what_is_right_as_it_comes_is_folded_away_until_it_is_other_or_wrong(provider: Provider) -> None:
    kind = connector("halo")
    source = Source(provider=provider, slug="halo", name="Halo")
    new = Connection(provider=provider, source=source, connector="halo", made=NOW, since=NOW)
    form = ConnectionForm(new, kind, True)
    usual = [field.label for field in form.usual]
    assert {"Address", "Client ID", "Client secret", "History since"} <= set(usual)
    assert "Scope" not in usual
    assert not form.rare_open
    assert len(form.usual) + len(form.rare) == len(form.fields)
    wrong = ConnectionForm(new, kind, True, {"setting-limit": "many"})
    assert not wrong.is_valid()
    assert wrong.rare_open
    values = {one.name: one.default for one in kind.settings} | {"scope": "read:tickets"}
    source.save()
    kept = Connection.objects.create(
        provider=provider,
        source=source,
        connector="halo",
        made=NOW,
        since=NOW,
        settings=values,
        path="p" * 20,
    )
    assert ConnectionForm(kept, kind, True).rare_open
    kept.settings = values | {"scope": "all"}
    assert not ConnectionForm(kept, kind, True).rare_open
