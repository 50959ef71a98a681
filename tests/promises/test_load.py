"""Loading agreement files: all or nothing, again and again, and never under the feet of tickets (2.1, 6.3)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from beforehand.engine.instants import to_instant
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book
from beforehand.promises.file.dump import dump_document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.load import Loaded, keep_ahead, load
from beforehand.promises.rows import read_rows

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TERMS = """
provider:
  name: Northwind IT
  zone: Europe/London
  coverage: Office
  triage: 30m
  holidays: GB-ENG
statuses:
  every board: {New: working, Waiting: waiting-on-client, Done: resolved}
coverages:
  Office: {zone: client, hours: Mon-Fri 9:00-17:30}
plans:
  Standard:
    editions:
      - from: 2024-01-01
        lines:
          - {priority: P1, coverage: 24x7, response: 1h}
          - {response: 4h}
clients:
  Acme:
    keys: ["7"]
    agreements:
      Support: {versions: [{from: 2025-01-01, plan: Standard}]}
"""


def at(text: str) -> int:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="Northwind IT", slug="northwind", zone="Europe/London", created=NOW)


def put(tmp_path: Path, provider: Provider, text: str = TERMS, now: datetime = NOW, **more: object) -> Loaded:
    file = tmp_path / "terms.yaml"
    file.write_text(text)
    return load(file, provider, now, **more)  # type: ignore[arg-type]


def used() -> set[int]:
    return set(models.Version.objects.values_list("pk", flat=True))


def refused(tmp_path: Path, provider: Provider, text: str) -> str:
    """What a load says that changes terms of versions in use; nothing is written then."""
    before = dump_document(document_of(provider, read_rows(provider)))
    with pytest.raises(Refused) as caught:
        put(tmp_path, provider, text, used=used())
    assert dump_document(document_of(provider, read_rows(provider))) == before
    return str(caught.value)


def test_a_file_is_loaded_and_held_to(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    book = Book(provider)
    acme = book.client("7")
    assert acme is not None
    held = book.in_force(acme.id, at("2026-03-02T09:00"))
    assert held is not None
    assert [line.name for line in held.terms.lines] == ["priority P1", "every ticket"]
    assert held.terms.lines[0].coverage is not None
    assert held.terms.lines[0].coverage.is_always
    office = held.terms.lines[1].coverage
    assert office is not None
    assert not office.is_open(at("2026-04-03T10:00")), "Good Friday is a holiday in England"
    assert held.terms.statuses.meaning("any", "Waiting") is not None


def test_round_the_clock_lines_know_no_closures(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    book = Book(provider)
    held = book.in_force(models.Client.objects.get().pk, at("2026-03-02T09:00"))
    assert held is not None
    assert held.terms.lines[0].coverage is not None
    assert held.terms.lines[0].coverage.closures == ()


def test_the_same_file_again_changes_nothing(tmp_path: Path, provider: Provider) -> None:
    first = put(tmp_path, provider)
    rows = set(models.Line.objects.values_list("pk", flat=True))
    again = put(tmp_path, provider, now=datetime(2026, 3, 9, tzinfo=UTC))
    assert (first.changed, again.changed) == (True, False)
    assert again.revision == first.revision
    assert set(models.Line.objects.values_list("pk", flat=True)) == rows


def test_a_change_of_terms_is_a_new_revision(tmp_path: Path, provider: Provider) -> None:
    first = put(tmp_path, provider)
    second = put(tmp_path, provider, TERMS.replace("response: 4h", "response: 3h"))
    assert second.revision != first.revision


def test_a_fault_anywhere_leaves_everything_as_it_was(tmp_path: Path, provider: Provider) -> None:
    with pytest.raises(Refused) as caught:
        put(tmp_path, provider, TERMS.replace("plan: Standard", "plan: Standrad").replace("4h", "4 weeks"))
    assert len(caught.value.faults) == 2
    assert models.Client.objects.count() == 0


def test_a_file_of_another_provider_is_refused(tmp_path: Path, provider: Provider) -> None:
    with pytest.raises(Refused, match="Northwind IT"):
        put(tmp_path, provider, TERMS.replace("Northwind IT", "Other IT"))


def test_a_target_in_use_is_not_changed_under_its_tickets(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    said = refused(tmp_path, provider, TERMS.replace("response: 4h", "response: 8h"))
    assert "found 8h for the line for every ticket, response" in said
    assert "4h, as promised to Acme since 2025-01-01" in said
    assert "terms.yaml, line 18" in said
    assert "from 2026-03-03 on, or --correct" in said


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("9:00-17:30", "8:00-17:30", "hours"),
        ("        lines:", "        settings: {retarget: keep-first}\n        lines:", "setting retarget"),
        ("  holidays: GB-ENG\n", "", "closed 2025-12-25"),
        ('    keys: ["7"]', '    zone: Europe/Paris\n    keys: ["7"]', "zone of the client"),
        ("from: 2025-01-01", "from: 2025-06-01", "line for every ticket, response"),
        ("Waiting: waiting-on-client", "Waiting: working", "waiting-on-client, as it has meant so far"),
        ("plan: Standard}", "plan: Standard, until: 2026-01-31}", "nothing for the line for every ticket"),
        ("  Acme:", "  Acme:\n    closures: {2025-08-01: Works}", "closed 2025-08-01"),
    ],
)
def test_whatever_is_in_use_stays(tmp_path: Path, provider: Provider, old: str, new: str, piece: str) -> None:
    put(tmp_path, provider)
    assert old in TERMS
    assert piece in refused(tmp_path, provider, TERMS.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("plan: Standard}", "plan: Standard, until: 2026-03-31}"),
        ("plan: Standard}", "plan: Standard}, {from: 2026-03-03, lines: [{response: 8h}]}"),
        ("clients:", "      - {from: 2026-03-03, lines: [{response: 8h}]}\nclients:"),
        ("  Acme:", "  Acme:\n    closures: {2026-08-01: Works}"),
        ("Done: resolved", "Done: resolved, On hold: waiting-on-client"),
        ("triage: 30m", "triage: 15m"),
        (
            "  Acme:",
            "  Birch: {agreements: {Support: {versions: [{from: 2025-01-01, plan: Standard}]}}}\n  Acme:",
        ),
        ("priority: P1,", "priority: P1, name: Major,"),
        ("  Acme:", "  Acme Ltd:"),
    ],
)
def test_what_is_not_yet_in_use_may_change(tmp_path: Path, provider: Provider, old: str, new: str) -> None:
    put(tmp_path, provider)
    assert put(tmp_path, provider, TERMS.replace(old, new), used=used()).changed


def test_a_correction_changes_the_past_and_keeps_the_versions_row(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    ids = used()
    text = TERMS.replace("response: 4h", "response: 8h").replace("from: 2025-01-01", "from: 2025-02-01")
    put(tmp_path, provider, text, used=ids, correct=True)
    assert used() == ids
    assert models.Version.objects.get().since == date(2025, 2, 1)


def test_every_clients_terms_in_use_are_not_taken_over_in_the_past(
    tmp_path: Path, provider: Provider
) -> None:
    everyone = TERMS[: TERMS.index("clients:")] + (
        "every client: {agreements: {Support: {versions: [{from: 2025-01-01, plan: Standard}]}}}\n"
    )
    put(tmp_path, provider, everyone)
    own = "clients: {{Acme: {{agreements: {{Own: {{versions: [{{from: {day}, lines: [{{response: 1h}}]}}]}}}}}}}}\n"
    assert "Acme" in refused(tmp_path, provider, everyone + own.format(day="2026-01-01"))
    assert put(tmp_path, provider, everyone + own.format(day="2026-04-01"), used=used()).changed
    book = Book(provider)
    acme = book.client("Acme")
    assert acme is not None
    before = book.in_force(acme.id, at("2026-03-31T12:00"))
    after = book.in_force(acme.id, at("2026-04-01T12:00"))
    assert before is not None
    assert after is not None
    assert (before.name, after.name) == ("Support", "Own")


def test_a_renamed_client_is_known_by_its_key_and_keeps_its_row(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    acme = models.Client.objects.get()
    put(tmp_path, provider, TERMS.replace("  Acme:", "  Acme Holding:"), used=used())
    assert models.Client.objects.get().pk == acme.pk
    assert models.Client.objects.get().name == "Acme Holding"


def test_a_client_left_out_stays_as_a_name_without_terms(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    put(tmp_path, provider, TERMS[: TERMS.index("clients:")])
    assert list(models.Client.objects.values_list("name", "listed")) == [("Acme", False)]
    assert models.Agreement.objects.count() == 0
    assert Book(provider).client("Acme") is not None
    assert Book(provider).client("7") is None


def test_holidays_are_kept_from_the_first_version_to_three_years_ahead(
    tmp_path: Path, provider: Provider
) -> None:
    put(tmp_path, provider)
    years = {row.first.year for row in models.Closure.objects.filter(origin="library")}
    assert years == set(range(2025, 2030))
    assert {row.library_version for row in models.Closure.objects.all()} != {""}


def test_a_new_year_brings_its_holidays_once(tmp_path: Path, provider: Provider) -> None:
    first = put(tmp_path, provider)
    assert not keep_ahead(provider, NOW)
    assert keep_ahead(provider, datetime(2027, 1, 1, 12, tzinfo=UTC))
    assert not keep_ahead(provider, datetime(2027, 1, 2, 12, tzinfo=UTC))
    assert models.ProviderTerms.objects.get().revision != first.revision
    assert models.Closure.objects.filter(first__year=2030).exists()


def test_another_release_of_the_library_leaves_the_past_alone(tmp_path: Path, provider: Provider) -> None:
    put(tmp_path, provider)
    past = models.Closure.objects.get(first=date(2025, 12, 25))
    models.Closure.objects.filter(pk=past.pk).update(name="As the old release said", library_version="0.1")
    models.Closure.objects.filter(first=date(2026, 12, 25)).delete()
    assert put(tmp_path, provider, used=used()).changed
    kept = models.Closure.objects.get(first=date(2025, 12, 25))
    assert (kept.name, kept.library_version) == ("As the old release said", "0.1")
    assert models.Closure.objects.filter(first=date(2026, 12, 25)).exists()


def test_a_client_has_the_lines_of_all_its_agreements_by_contract(tmp_path: Path, provider: Provider) -> None:
    provider.name = "Northwind IT"
    load(EXAMPLES / "msp.yaml", provider, NOW)
    book = Book(provider)
    hudson = book.client("Hudson Fabrics")
    assert hudson is not None
    held = book.in_force(hudson.id, at("2026-03-02T15:00"))
    assert held is not None
    assert len(held.version_ids) == 2
    shop = held.terms.choose({"contract": "Retail", "priority": "P3"}).winner
    office = held.terms.choose({"contract": "Office", "priority": "P3"}).winner
    assert shop is not None
    assert office is not None
    assert (shop.name, office.name) == ("Shops: every ticket", "Back office: every ticket")
    assert held.terms.choose({"priority": "P3"}).winner is None


@pytest.mark.parametrize("name", ["msp", "servicenow", "servicenow-sensible", "helpdesk"])
def test_the_examples_load_and_come_back_the_same(tmp_path: Path, name: str) -> None:
    text = (EXAMPLES / f"{name}.yaml").read_text()
    title = text.split("  name: ", 1)[1].split("\n", 1)[0]
    provider = Provider.objects.create(name=title, slug="x", zone="UTC", created=NOW)
    loaded = load(EXAMPLES / f"{name}.yaml", provider, NOW)
    assert loaded.warnings == ()
    dumped = dump_document(document_of(provider, read_rows(provider)))
    again = put(tmp_path, provider, dumped)
    assert not again.changed
    assert dump_document(document_of(provider, read_rows(provider))) == dumped
