"""The site as an installed app: what its manifest and its worker promise."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import override_settings


def release(client):
    script = client.get("/service-worker.js").content.decode()
    [told] = re.findall(r"^const RELEASE = (\{.*\});$", script, re.MULTILINE)
    return json.loads(told)


@pytest.mark.parametrize(
    ("address", "name", "start"),
    [("/manifest.webmanifest", "여행환율", "/"), ("/en/manifest.webmanifest", "Currency Travel", "/en/")],
)
def test_the_manifest_speaks_the_language_of_its_page(client, address, name, start):
    answer = client.get(address)
    told = json.loads(answer.content)

    assert answer["Content-Type"] == "application/manifest+json"
    assert (told["name"], told["start_url"], told["display"], told["scope"]) == (
        name,
        start,
        "standalone",
        "/",
    )


def test_icons_are_there_in_the_sizes_that_browsers_ask_for(client):
    icons = json.loads(client.get("/manifest.webmanifest").content)["icons"]

    assert {icon["sizes"] for icon in icons} == {"any", "192x192", "512x512"}
    assert any(icon.get("purpose") == "maskable" for icon in icons)
    for icon in icons:
        path = Path(str(finders.find(icon["src"].removeprefix("/static/"))))
        if icon["sizes"] != "any":
            header = path.read_bytes()[16:24]
            side = int(icon["sizes"].split("x")[0])
            assert (int.from_bytes(header[:4]), int.from_bytes(header[4:])) == (side, side)


def test_the_worker_stands_at_the_root_and_is_asked_for_again_each_time(client):
    answer = client.get("/service-worker.js")

    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]


def test_the_worker_knows_the_cards_and_what_is_none_of_its_business(client):
    told = release(client)

    assert told["cards"] == {"ko": "/trip", "en": "/en/trip"}
    assert set(told["apart"]) == {"/api/", "/health", "/version", "/admin/", "/en/admin/"}


def test_every_file_the_worker_keeps_at_once_exists(client):
    files = release(client)["files"]

    assert len(files) == 5
    assert all(finders.find(name.removeprefix("/static/")) for name in files)


def test_a_deployment_with_other_files_begins_a_new_cache(client):
    before = release(client)["cache"]

    with override_settings(STATIC_URL="/static/next/"):
        after = release(client)["cache"]

    assert release(client)["cache"] == before != after
