"""The public record as feeds: valid, stable, in the language of their address."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from defusedxml import ElementTree
from django.test import Client

from ingestor import notices
from ingestor.models import Kind, Notice

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 30, 14, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _at_night():
    with time_machine.travel(NOW, tick=False):
        yield


def correction(subject="correction:ecb:2026-10-30", *, new="1336.7", now=NOW):
    return notices.publish(
        kind=Kind.CORRECTION,
        subject=subject,
        source="ecb",
        facts={
            "count": 1,
            "first": "2026-10-29",
            "last": "2026-10-29",
            "values": [
                {
                    "currency": "USD",
                    "day": "2026-10-29",
                    "figure": "deal_base_rate",
                    "old": "1336.1",
                    "new": new,
                }
            ],
        },
        now=now,
    )


def atom(client, path="/about/notices.atom"):
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def text(element, name):
    [found] = element.findall(ATOM + name)
    return found.text


def links(element):
    return {link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")}


def test_the_atom_feed_has_what_a_feed_must_have(client: Client):
    correction()

    feed = atom(client)

    assert feed.tag == f"{ATOM}feed"
    assert text(feed, "title") == "여행환율: 정정과 장애"
    assert text(feed, "id") == "http://testserver/about"
    assert datetime.fromisoformat(text(feed, "updated")) == NOW
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "여행환율"
    assert links(feed) == {
        "alternate": "http://testserver/about",
        "self": "http://testserver/about/notices.atom",
    }


def test_an_entry_has_its_id_its_times_its_words_and_its_place_on_the_page(client: Client):
    notice = correction(now=NOW - timedelta(hours=1))
    correction(new="1336.9")

    [entry] = atom(client).findall(f"{ATOM}entry")

    assert text(entry, "id") == f"urn:uuid:{notice.public_id}"
    assert text(entry, "title") == "유럽중앙은행: 2026년 10월 29일 미국 달러 (USD) 환율 정정"
    assert datetime.fromisoformat(text(entry, "published")) == NOW - timedelta(hours=1)
    assert datetime.fromisoformat(text(entry, "updated")) == NOW
    assert text(entry, "summary") == "<p>USD: 1,336.10원 → 1,336.90원</p>"
    assert entry.find(f"{ATOM}category").get("term") == "correction"
    assert links(entry) == {"alternate": f"http://testserver/about#notice-{notice.pk}"}


def test_english_has_its_own_addresses_and_the_same_ids(client: Client):
    notice = correction()

    feed = atom(client, "/en/about/notices.atom")

    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert links(feed)["self"] == "http://testserver/en/about/notices.atom"
    [entry] = feed.findall(f"{ATOM}entry")
    assert text(entry, "id") == f"urn:uuid:{notice.public_id}"
    assert text(entry, "title") == "European Central Bank corrected US Dollar (USD) of October 29, 2026"


def test_what_changed_last_comes_first_and_fifty_at_most(client: Client):
    for number in range(52):
        correction(f"correction:ecb:{number}", now=NOW - timedelta(days=100 - number))
    correction("correction:ecb:0", new="1337.5")

    entries = atom(client).findall(f"{ATOM}entry")

    assert len(entries) == 50
    assert text(entries[0], "id") == f"urn:uuid:{Notice.objects.get(subject='correction:ecb:0').public_id}"


def test_a_record_without_entries_is_a_feed_as_well(client: Client):
    assert atom(client).findall(f"{ATOM}entry") == []
    assert client.get("/about/notices.json").json()["items"] == []


def test_the_json_feed_has_what_version_1_1_asks_for(client: Client):
    notice = correction()

    response = client.get("/en/about/notices.json")

    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    assert json.loads(response.content) == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Currency Travel: corrections and incidents",
        "home_page_url": "http://testserver/en/about",
        "feed_url": "http://testserver/en/about/notices.json",
        "description": "Rates that were revised, held back, late or set by hand, as it happens.",
        "language": "en",
        "authors": [{"name": "Currency Travel"}],
        "items": [
            {
                "id": f"urn:uuid:{notice.public_id}",
                "url": f"http://testserver/en/about#notice-{notice.pk}",
                "title": "European Central Bank corrected US Dollar (USD) of October 29, 2026",
                "content_text": "USD: 1,336.10 → 1,336.70 won",
                "date_published": "2026-10-30T14:00:00Z",
                "date_modified": "2026-10-30T14:00:00Z",
                "tags": ["correction"],
            }
        ],
    }


@pytest.mark.parametrize("path", ["/about/notices.atom", "/about/notices.json"])
def test_a_reader_that_has_it_already_is_told_so(client: Client, django_assert_num_queries, path):
    correction()
    with django_assert_num_queries(1):
        first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "public, max-age=300"
    correction(new="1337.5", now=NOW + timedelta(minutes=1))
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/about/notices.atom", "/about/notices.json"])
def test_feeds_are_read_only(client: Client, path):
    assert client.post(path).status_code == 405
