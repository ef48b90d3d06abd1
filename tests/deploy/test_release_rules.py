"""What a release decides, without anybody to ask: migrations, verdicts, shares, versions, manifests."""

import re
from typing import Any

import pytest
from django.db import migrations as django_migrations
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from deploy.release import cluster, images, journal, migrations, planning, tidying, traffic, versions
from deploy.release.__main__ import main
from deploy.release.journal import Journal, Release
from deploy.release.migrations import Finding
from deploy.release.outcome import Refused
from deploy.release.traffic import Split
from deploy.release.watch import Invocations, Seen, verdict

DIGEST = "sha256:" + "ab" * 32


# --- migrations ----------------------------------------------------------------------------------


def broken_by(*steps: django_migrations.operations.base.Operation) -> list[str]:
    """What the old release, which knows a table `rate` with code and note, would stumble over."""
    fields: list[tuple[str, models.Field[Any, Any]]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("code", models.CharField(max_length=3)),
        ("note", models.TextField(null=True)),
    ]
    state = ProjectState()
    state.add_model(ModelState("money", "Rate", fields))
    return list(migrations.reasons(steps, "money", state, set()))


Op = django_migrations


@pytest.mark.parametrize(
    "step",
    [
        Op.AddField("rate", "source", models.CharField(max_length=9, null=True)),
        Op.AddField("rate", "source", models.CharField(max_length=9, db_default="ecb")),
        Op.AlterField("rate", "code", models.CharField(max_length=12)),
        Op.AlterField("rate", "code", models.CharField(max_length=3, null=True)),
        Op.AlterField("rate", "code", models.CharField(max_length=3, help_text="ISO 4217", default="USD")),
        Op.AddIndex("rate", models.Index(fields=["code"], name="rate_code")),
        Op.RunPython(Op.RunPython.noop),
    ],
)
def test_what_only_adds_or_widens_is_survived(step):
    assert broken_by(step) == []


@pytest.mark.parametrize(
    "step",
    [
        Op.RemoveField("rate", "note"),
        Op.RenameField("rate", "note", "remark"),
        Op.RenameModel("Rate", "Price"),
        Op.DeleteModel("Rate"),
        Op.AlterModelTable("rate", "prices"),
        Op.AlterField("rate", "note", models.TextField()),
        Op.AlterField("rate", "code", models.CharField(max_length=2)),
        Op.AlterField("rate", "code", models.CharField(max_length=3, unique=True)),
        Op.AlterField("rate", "code", models.IntegerField()),
        Op.AddConstraint("rate", models.CheckConstraint(condition=models.Q(code="USD"), name="usd")),
        Op.RunSQL("DROP TABLE money_rate"),
        Op.SeparateDatabaseAndState(database_operations=[Op.RemoveField("rate", "note")]),
        # Django takes the column's default away again, and the old release's INSERT names no value.
        Op.AddField("rate", "source", models.CharField(max_length=9, default="ecb")),
    ],
)
def test_what_takes_away_or_narrows_is_not(step):
    assert len(broken_by(step)) == 1


def test_a_table_that_comes_with_the_migration_may_be_changed_at_will():
    made = Op.CreateModel("Price", [("id", models.BigAutoField(primary_key=True))])

    assert broken_by(made, Op.AddField("price", "code", models.CharField(max_length=3, default=""))) == []


def test_an_empty_database_has_no_release_that_could_be_broken():
    everything = migrations.on_disk()

    assert len(everything) > 70
    assert migrations.pending(()) == list(everything)
    assert migrations.destructive(everything) == []


def test_a_migration_is_accepted_by_its_name_alone():
    found = [Finding("money.0002_a", "x"), Finding("money.0002_a", "y"), Finding("money.0003_b", "z")]

    assert planning.not_accepted(found, ["money.0002_a"]) == [Finding("money.0003_b", "z")]


# --- verdicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "is_well"),
    [
        (Seen(asked=240, failed=0), True),
        (Seen(asked=12, failed=2), True),  # two may be the network's
        (Seen(asked=12, failed=3), False),
        (Seen(asked=400, failed=3), True),  # less than one in a hundred
        (Seen(asked=240, candidate=Invocations(100, 4)), True),
        (Seen(asked=240, candidate=Invocations(100, 5)), False),
        (Seen(asked=240, candidate=Invocations(1000, 9)), True),
        # Both fail alike: it is not the release.
        (Seen(asked=240, candidate=Invocations(100, 8), previous=Invocations(900, 60)), True),
        (Seen(asked=240, candidate=Invocations(100, 20), previous=Invocations(900, 60)), False),
        (Seen(asked=240, server_errors=10), True),
        (Seen(asked=240, server_errors=11), False),
    ],
)
def test_the_verdict_of_a_watch(seen, is_well):
    assert (verdict(seen) == "") is is_well


# --- shares and steps ----------------------------------------------------------------------------


def test_the_alias_is_divided_until_the_candidate_has_all():
    assert traffic.between("7", "8", 0) == Split("7")
    assert traffic.between("7", "8", 10) == Split("7", "8", 10)
    assert traffic.between("7", "8", 100) == Split("8")
    assert traffic.between("", "8", 10) == Split("8")
    assert [Split("7", "8", 10).share(version) for version in ("7", "8", "9")] == [90, 10, 0]


@pytest.mark.parametrize(("watched", "left"), [(0, [10, 50, 100]), (10, [50, 100]), (50, [100]), (100, [])])
def test_what_was_watched_to_its_end_is_not_watched_again(watched, left):
    assert traffic.steps_left(watched, first=False) == left


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (journal.GREEN, "check"),
        (journal.CHECKED, "switch"),
        (journal.SHIFTING, "switch (goes on), or rollback"),
        (journal.ROLLING_BACK, "rollback (goes on)"),
        (journal.LIVE, "cleanup: it is live"),
        (journal.ROLLED_BACK, "green, once the reason is gone"),
    ],
)
def test_the_next_step_follows_from_what_the_release_is_doing(state, step):
    book = Journal(Release("c0ffee", "8", "7", state))

    assert planning.next_step(book, commit="c0ffee", is_built=True, pending=[]) == step


def test_the_next_step_of_another_commit_is_its_first_unless_traffic_is_divided():
    done = Journal(Release("c0ffee", "8", "7", journal.LIVE))
    under_way = Journal(Release("c0ffee", "8", "7", journal.SHIFTING))

    assert planning.next_step(done, commit="beef", is_built=False, pending=["a.0001"]) == "build"
    assert planning.next_step(done, commit="beef", is_built=True, pending=["a.0001"]) == "migrate"
    assert planning.next_step(done, commit="beef", is_built=True, pending=[]) == "green"
    assert (
        planning.next_step(under_way, commit="beef", is_built=True, pending=[]) == "none: c0ffee is shifting"
    )


def test_a_journal_is_read_as_it_was_written():
    book = Journal(Release("c0ffee", "8", "7", journal.SHIFTING, 10), ("a.0001",), "run 7", 1793000000.123)

    assert journal.from_json(journal.to_json(book)) == book


# --- what goes, and what is built ----------------------------------------------------------------


def test_versions_go_by_number_and_whoever_is_used_stays():
    assert versions.to_delete(["1", "2", "9", "10", "11", "12"], used={"2"}) == ["1", "9"]
    assert versions.to_delete(["11", "12"], used=set()) == []


def test_in_use_is_what_an_alias_names_and_what_could_be_gone_back_to():
    split, release = Split("7", "9", 10), Release("c0ffee", "9", "5", journal.SHIFTING)

    assert tidying.in_use([split, Split("10"), None], release) == {"5", "7", "9", "10"}


def test_an_image_is_built_for_lambda_without_an_index_around_it():
    command = images.build_command("web", address="registry/currency-service-web", commit="c0ffee")

    assert command[:3] == ["docker", "buildx", "build"]
    assert {"--provenance=false", "--sbom=false", "--push", "linux/amd64", "COMMIT=c0ffee"} <= set(command)
    assert "registry/currency-service-web:c0ffee" in command


def test_help_names_every_step_and_what_its_exit_codes_mean(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    told = capsys.readouterr().out
    steps = (
        "plan",
        "build",
        "foundation",
        "migrate",
        "workers",
        "green",
        "check",
        "switch",
        "rollback",
        "cleanup",
    )
    assert [step for step in steps if not re.search(rf"^    {step}\s", told, re.MULTILINE)] == []
    assert "3    traffic was moved, did not do well, and is back where it was" in told


# --- the cluster ---------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["staging", "prod"])
def overlay(request: pytest.FixtureRequest) -> list[cluster.Manifest]:
    return cluster.with_image(cluster.rendered(request.param), f"registry/currency-service-worker@{DIGEST}")


def test_the_migration_is_let_go_alone_with_what_it_is_told(overlay):
    wanted = cluster.for_migration(overlay)

    assert {each["kind"] for each in wanted} == {"ConfigMap", "Job"}
    [job] = [each for each in wanted if each["kind"] == "Job"]
    assert job["metadata"]["name"] == "migrate-abababababab"
    assert job["spec"]["suspend"] is False
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"registry/currency-service-worker@{DIGEST}"


def test_whatever_runs_is_brought_to_the_image_and_the_migration_is_not_run_again(overlay):
    wanted = cluster.for_workers(overlay)

    assert {each["kind"] for each in wanted} == {"ConfigMap", "Deployment"}
    deployed = {
        each["metadata"]["name"]: [box["image"] for box in each["spec"]["template"]["spec"]["containers"]]
        for each in wanted
        if each["kind"] == "Deployment"
    }
    assert {"ranking-worker", "data-worker", "beat"} <= set(deployed)
    assert {image for of_one in deployed.values() for image in of_one} == {
        f"registry/currency-service-worker@{DIGEST}"
    }


def test_each_manifest_belongs_to_the_foundation_or_to_a_release(overlay):
    foundation = cluster.standing(overlay)
    released = [*cluster.for_migration(overlay), *cluster.for_workers(overlay)]

    assert {"Namespace", "ServiceAccount", "NetworkPolicy"} <= {each["kind"] for each in foundation}
    assert [each for each in overlay if each not in foundation and each not in released] == []
    assert [each for each in foundation if each in released] == []


def test_manifests_that_do_not_run_the_worker_are_refused():
    pod = {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"image": "nginx"}]}}}}

    with pytest.raises(Refused, match="no manifest runs currency-service-worker"):
        cluster.with_image([pod], f"registry/currency-service-worker@{DIGEST}")
