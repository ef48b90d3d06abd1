"""Operators' CSV files: the command and the admin's pages, which are one function."""

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from config.cache import generation
from currency import price_file
from currency.models import PriceObservation
from tests.factories import make_price

ROOT = Path(__file__).resolve().parents[2]
HEADER = "country,item,price,currency,observed_on,source,source_url"
SEOUL = "KR,starbucks_tall_latte,5000,KRW,2026-10-01,an operator,https://shop.example/kr"
TOKYO = "JP,starbucks_tall_latte,490.5,JPY,2026-10-02,an operator,https://shop.example/jp"
NOW = datetime(2026, 10, 30, 17, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(NOW, tick=False):
        yield


def document(*rows, header=HEADER):
    return "".join(f"{line}\r\n" for line in (header, *rows)).encode()


class Refused(Exception):
    """What the command says, with what it printed before."""

    def __init__(self, reason: str, printed: str) -> None:
        super().__init__(reason)
        self.printed = printed


@pytest.fixture
def importing(tmp_path):
    """What the command prints for a file of these bytes. Raises: Refused."""

    def run(content: bytes, *options: str) -> str:
        path = tmp_path / "prices.csv"
        path.write_bytes(content)
        printed = io.StringIO()
        try:
            call_command("import_prices", str(path), *options, stdout=printed)
        except CommandError as refused:
            raise Refused(str(refused), printed.getvalue()) from refused
        return printed.getvalue()

    return run


def stored():
    rows = PriceObservation.objects.order_by("country_code", "revision")
    return [(row.country_code, float(row.price), row.revision) for row in rows]


def changes(printed):
    """[(line, change)] of the table."""
    return re.findall(r"^(\d+) {2,}(new|same|revised|refused)", printed, re.MULTILINE)


# --- the command ---------------------------------------------------------------------------------


def test_without_commit_a_file_is_only_shown(importing):
    printed = importing(document(SEOUL, TOKYO))

    assert changes(printed) == [("2", "new"), ("3", "new")]
    assert "2 new, 0 revised, 0 same, 0 refused" in printed
    assert "Nothing was written" in printed
    assert stored() == []


def test_with_commit_it_is_written_with_its_source_and_its_time(importing):
    importing(document(SEOUL, TOKYO), "--commit")

    assert stored() == [("JP", 490.5, 0), ("KR", 5000.0, 0)]
    row = PriceObservation.objects.get(country_code="KR")
    assert (row.item, row.currency_code, row.observed_on) == (
        "starbucks_tall_latte",
        "KRW",
        date(2026, 10, 1),
    )
    assert (row.source, row.source_url, row.fetched_at) == ("an operator", "https://shop.example/kr", NOW)
    assert (row.usd_rate, row.archive_key) == (None, "")


def test_the_same_file_again_changes_nothing(importing):
    importing(document(SEOUL, TOKYO), "--commit")

    again = importing(document(SEOUL, TOKYO), "--commit")

    assert changes(again) == [("2", "same"), ("3", "same")]
    assert len(stored()) == 2


def test_another_price_is_a_revision_and_the_first_stays(importing):
    importing(document(SEOUL, TOKYO), "--commit")

    printed = importing(document(SEOUL.replace("5000", "5200"), TOKYO), "--commit")

    assert changes(printed) == [("2", "revised"), ("3", "same")]
    assert "5000 KRW → 5200 KRW" in printed
    assert stored() == [("JP", 490.5, 0), ("KR", 5000.0, 0), ("KR", 5200.0, 1)]


def test_one_row_refused_keeps_the_whole_file_out(importing):
    wrong = "KR,starbucks_tall_latte,five,KRW,2026-10-03,an operator,https://shop.example/kr"

    with pytest.raises(Refused, match="1 of 3 rows are refused: nothing was written") as refused:
        importing(document(SEOUL, wrong, TOKYO), "--commit")

    assert changes(refused.value.printed) == [("2", "new"), ("3", "refused"), ("4", "new")]
    assert "line 3: price: expected a number above 0" in refused.value.printed
    assert stored() == []


@pytest.mark.parametrize(
    ("was", "is_now", "column"),
    [
        ("KR,", "XX,", "country"),
        ("KR,", "KOR,", "country"),
        ("starbucks_tall_latte", "Tall Latte", "item"),
        ("5000", "0", "price"),
        ("5000", "-5000", "price"),
        ("5000", "5e3", "price"),
        ("5000", '"5,000"', "price"),
        ("5000", "NaN", "price"),
        ("5000", "1.1234567", "price"),
        ("5000", "1000000000", "price"),
        ("KRW", "WON", "currency"),
        ("2026-10-01", "01.10.2026", "observed_on"),
        ("2026-10-01", "2026-02-30", "observed_on"),
        ("2026-10-01", "2026-11-01", "observed_on"),
        ("2026-10-01", "1979-12-31", "observed_on"),
        ("an operator", " ", "source"),
        ("an operator", "o" * 101, "source"),
        ("https://shop.example/kr", "", "source_url"),
        ("https://shop.example/kr", "ftp://shop.example/kr", "source_url"),
        ("https://shop.example/kr", "javascript:alert(1)", "source_url"),
        ("https://shop.example/kr", "https://shop.example/" + "k" * 500, "source_url"),
    ],
)
def test_each_column_is_checked_and_named_with_its_line(importing, was, is_now, column):
    with pytest.raises(Refused) as refused:
        importing(document(TOKYO, SEOUL.replace(was, is_now)), "--commit")

    assert re.search(rf"^line 3: {column}: expected ", refused.value.printed, re.MULTILINE)
    assert stored() == []


def test_today_in_seoul_can_have_been_observed(importing):
    # 17:00 UTC on the 30th is the 31st in Seoul.
    importing(document(SEOUL.replace("2026-10-01", "2026-10-31")), "--commit")

    assert stored() == [("KR", 5000.0, 0)]


def test_a_price_told_twice_is_refused(importing):
    with pytest.raises(Refused) as refused:
        importing(document(SEOUL, TOKYO, SEOUL.replace("5000", "5100")), "--commit")

    assert "line 4: country: the same price as in line 2" in refused.value.printed


def test_what_is_collected_by_itself_cannot_be_overwritten(importing):
    make_price("JP", "480", "JPY", source="The Economist", archive_key="raw/bigmac/1")
    row = "JP,bigmac,500,JPY,2026-01-01,The Economist,https://shop.example/jp"

    with pytest.raises(Refused) as refused:
        importing(document(row), "--commit")

    assert "line 2: source: The Economist is collected by itself" in refused.value.printed
    importing(document(row.replace("The Economist", "an operator")), "--commit")
    assert stored() == [("JP", 480.0, 0), ("JP", 500.0, 0)]


def test_a_byte_order_mark_small_letters_and_columns_in_another_order_are_read(importing):
    content = document(
        "https://shop.example/kr,an operator,2026-10-01,krw,5000,starbucks_tall_latte,kr",
        header=",".join(reversed(HEADER.split(","))),
    )

    importing(b"\xef\xbb\xbf" + content, "--commit")

    assert stored() == [("KR", 5000.0, 0)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "this one holds nothing"),
        (document(SEOUL, header=HEADER.replace("item", "product")), "this one holds country, product"),
        (document(SEOUL, header=HEADER + ",note"), "this one holds country, item"),
        (document(SEOUL + ",one,cell,more"), "not a CSV table"),
        (document(SEOUL).decode().encode("utf-16"), "not UTF-8 at byte 0"),
        ("country\n라떼".encode("cp949"), "not UTF-8"),
        (document(*[SEOUL] * (price_file.MOST_ROWS + 1)), "2001 rows: at most 2000"),
        (b"x" * (price_file.LARGEST_FILE + 1), "at most 1,000,000 bytes"),
    ],
)
def test_what_is_no_file_of_prices_is_refused(importing, content, reason):
    with pytest.raises(Refused, match=reason):
        importing(content, "--commit")

    assert stored() == []


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("import_prices", "/nowhere/prices.csv")


@pytest.mark.django_db(transaction=True)
def test_only_what_is_written_ends_stored_answers(importing):
    before = generation.current()

    importing(document(SEOUL))
    assert generation.current() == before
    importing(document(SEOUL), "--commit")

    assert generation.current() > before


# --- the admin -----------------------------------------------------------------------------------

LIST = "admin:currency_priceobservation_changelist"
IMPORT = "admin:currency_priceobservation_import"
CONFIRM = "admin:currency_priceobservation_process_import"


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_superuser("operator", password="x"))
    return client


def upload(client, content):
    file = SimpleUploadedFile("prices.csv", content, "text/csv")
    page = client.post(reverse(IMPORT), {"format": "0", "resource": "0", "import_file": file})
    assert page.status_code == 200
    return page.content.decode()


def confirmation(page):
    """The hidden fields of the page that asks whether to go on."""
    form = page[page.index("process_import") :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_an_upload_shows_its_differences_and_a_click_writes_them(operator):
    make_price(
        "KR", "4900", "KRW", item="starbucks_tall_latte", observed_on=date(2026, 10, 1), source="an operator"
    )

    page = upload(operator, document(SEOUL, TOKYO))
    assert stored() == [("KR", 4900.0, 0)]
    done = operator.post(reverse(CONFIRM), confirmation(page), follow=True)

    assert "490.5" in page
    assert done.redirect_chain[0][0] == reverse(LIST)
    assert stored() == [("JP", 490.5, 0), ("KR", 4900.0, 0), ("KR", 5000.0, 1)]


def test_an_upload_with_a_row_refused_cannot_be_confirmed(operator):
    page = upload(operator, document(SEOUL.replace("5000", "five"), TOKYO))

    assert "expected a number above 0" in page
    assert "process_import" not in page
    assert stored() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (document(SEOUL, header=HEADER + ",note"), "The header must hold"),
        (document(SEOUL).decode().encode("utf-16"), "Not UTF-8 at byte 0"),
        (b"x" * (price_file.LARGEST_FILE + 1), "At most 1,000,000 bytes"),
    ],
)
def test_an_upload_that_is_no_file_of_prices_is_refused(operator, content, reason):
    page = upload(operator, content)

    assert reason in page
    assert "process_import" not in page


def test_a_click_that_comes_when_the_file_is_gone_is_refused(operator):
    fields = confirmation(upload(operator, document(SEOUL)))
    operator.post(reverse(CONFIRM), fields)

    assert operator.post(reverse(CONFIRM), fields).status_code == 400
    assert len(stored()) == 1


def test_who_may_only_look_may_not_import(client):
    user = User.objects.create_user("reader", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_priceobservation"))
    client.force_login(user)

    page = client.get(reverse(LIST))

    assert page.status_code == 200
    assert reverse(IMPORT) not in page.content.decode()
    assert client.get(reverse(IMPORT)).status_code == 403
    assert client.post(reverse(CONFIRM), {}).status_code == 403


def test_the_list_leads_to_the_import_and_no_price_can_be_edited(operator):
    row = make_price()

    assert reverse(IMPORT) in operator.get(reverse(LIST)).content.decode()
    assert operator.get(reverse("admin:currency_priceobservation_add")).status_code == 403
    page = operator.get(reverse("admin:currency_priceobservation_change", args=[row.pk]))
    assert 'name="price"' not in page.content.decode()
