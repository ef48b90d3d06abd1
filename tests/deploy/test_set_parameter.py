"""python -m deploy.set_parameter: secrets get in checked, and never come out."""

import io
import re
from datetime import UTC, datetime

import boto3
import pytest

from config.settings.parameters import NAMES
from deploy import set_parameter
from tests import aws_server

FERNET = "k" * 43 + "="


@pytest.fixture(scope="module")
def address():
    with aws_server.running() as address:
        yield address


@pytest.fixture
def ssm(address, monkeypatch):
    """A Parameter Store as Terraform leaves it: everything is there, and unset."""
    for name, value in {**aws_server.CREDENTIALS, "AWS_ENDPOINT_URL": address}.items():
        monkeypatch.setenv(name, value)
    ssm = boto3.client("ssm", region_name="ap-northeast-2")
    while there := ssm.get_parameters_by_path(Path="/currency-service/", MaxResults=10)["Parameters"]:
        ssm.delete_parameters(Names=[parameter["Name"] for parameter in there])
    for name in NAMES:
        ssm.put_parameter(Name=f"/currency-service/{name}", Value="unset", Type="SecureString")
    return ssm


@pytest.fixture
def run(ssm, monkeypatch, capsys):
    """The command, with `typed` on its standard input; what it printed."""

    def run(*words: str, typed: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        set_parameter.main(list(words))
        return str(capsys.readouterr().out)

    return run


def value(ssm, name):
    return ssm.get_parameter(Name=f"/currency-service/{name}", WithDecryption=True)["Parameter"]["Value"]


def test_a_value_is_read_from_standard_input_and_stored_encrypted(run, ssm):
    told = run("PROVIDER_ECOS_API_KEY", typed="hunter2\n")

    [stored] = ssm.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": ["/currency-service/PROVIDER_ECOS_API_KEY"]}]
    )["Parameters"]
    assert value(ssm, "PROVIDER_ECOS_API_KEY") == "hunter2"
    assert (stored["Type"], stored["KeyId"]) == ("SecureString", "alias/currency-service-data")
    assert "/currency-service/PROVIDER_ECOS_API_KEY is now version 2." in told
    assert "hunter2" not in told


def test_whoever_reads_it_is_named_and_nobody_else(run):
    of_provider = run("PROVIDER_FRED_API_KEY", typed="k")
    of_everybody = run("CACHE_URL", typed="rediss://cache.example.org:6379/0")
    of_sessions = run("SECRET_KEY", "--generate")

    told = [("the admin" in one, "web tier" in one) for one in (of_provider, of_everybody, of_sessions)]
    assert told == [(True, False), (True, True), (True, True)]


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("DATABASE_URL", "sqlite:////var/hunter2.sqlite3", "mysql://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://app:hunter2@db/x", "mysql://user:password@host:port/name"),
        ("DATABASE_URL", "mysql://app@proxy.example.org/hunter2?ssl_mode=REQUIRED", "VERIFY_IDENTITY"),
        ("CACHE_URL", "locmem://", "rediss://host:port/number"),
        ("CACHE_URL", "rediss://:a[hunter2]z@cache.example.org", "redis://host:port/number"),
        ("ENCRYPTION_KEYS", f"{FERNET},hunter2", "expected Fernet keys"),
        ("SECRET_KEY", "\n", "is empty"),
        ("VISITOR_KEY", "unset", "is missing"),
        ("SECRET_KEY", "hunter2\nhunter2", "a line break"),
        ("SECRET_KEY", "hunter2" * 600, "4096 bytes"),
    ],
)
def test_what_production_would_not_start_with_is_not_stored(run, ssm, name, typed, told):
    with pytest.raises(SystemExit) as refused:
        run(name, typed=typed)

    line = str(refused.value)
    assert name in line
    assert told in line
    assert "hunter2" not in line
    assert value(ssm, name) == "unset"


def test_what_production_can_do_without_may_be_unset_again(run, ssm):
    run("DATABASE_REPLICA_URL", typed="mysql://app@reader.example.org/currency")

    run("DATABASE_REPLICA_URL", typed="unset")

    assert value(ssm, "DATABASE_REPLICA_URL") == "unset"


def test_a_name_that_nobody_reads_is_refused(run):
    with pytest.raises(SystemExit):
        run("SECRET_KEYS", typed="x")


def test_a_new_secret_key_leaves_the_old_one_among_the_fallbacks(run, ssm):
    ssm.put_parameter(Name="/currency-service/SECRET_KEY", Value="s" * 60, Overwrite=True)

    told = run("SECRET_KEY", "--generate")

    new = value(ssm, "SECRET_KEY")
    assert value(ssm, "SECRET_KEY_FALLBACKS") == "s" * 60
    assert len(new) >= 50
    assert new != "s" * 60
    assert new not in told


@pytest.mark.parametrize(
    ("fallbacks", "kept"),
    [
        ("unset", "old"),
        ("older", "old,older"),
        ("older,oldest", "old,older"),
        # Killed half-way: the fallbacks were written, the key was not.
        ("old,older", "old,older"),
    ],
)
def test_sessions_outlive_two_rotations_and_one_that_was_killed(fallbacks, kept):
    made = set_parameter.generated("SECRET_KEY", {"SECRET_KEY": "old", "SECRET_KEY_FALLBACKS": fallbacks})

    # In this order: the old key is among the fallbacks before it goes.
    assert list(made) == ["SECRET_KEY_FALLBACKS", "SECRET_KEY"]
    assert made["SECRET_KEY_FALLBACKS"] == kept


def test_the_first_secret_key_has_nothing_to_fall_back_to():
    assert list(set_parameter.generated("SECRET_KEY", {"SECRET_KEY": "unset"})) == ["SECRET_KEY"]


def test_a_secret_key_that_would_fall_apart_among_the_fallbacks_is_not_rotated():
    with pytest.raises(set_parameter.Refused, match="comma"):
        set_parameter.generated("SECRET_KEY", {"SECRET_KEY": "hunter,2"})


def test_a_new_encryption_key_stands_in_front_of_the_old_ones(run, ssm):
    ssm.put_parameter(Name="/currency-service/ENCRYPTION_KEYS", Value=FERNET, Overwrite=True)

    told = run("ENCRYPTION_KEYS", "--generate")

    new, old = value(ssm, "ENCRYPTION_KEYS").split(",")
    assert (re.fullmatch(r"[\w-]{43}=", new) is not None, old) == (True, FERNET)
    assert "rotate_encryption_keys" in told


def test_what_is_given_to_us_is_not_generated(run):
    with pytest.raises(SystemExit, match="is given to us"):
        run("DATABASE_URL", "--generate")


def test_the_list_shows_names_versions_and_ages_and_no_value(run, ssm):
    run("PROVIDER_ECOS_API_KEY", typed="hunter2")
    ssm.delete_parameter(Name="/currency-service/VISITOR_KEY")
    ssm.put_parameter(Name="/currency-service/SPARE", Value="hunter3", Type="SecureString")

    told = run("--list").splitlines()

    assert len(told) == 11
    [ecos] = [line for line in told if line.startswith("PROVIDER_ECOS_API_KEY")]
    assert ecos.split()[1:] == ["version", "2", "0", "days"]
    assert [line.split() for line in told if line.startswith("VISITOR_KEY")] == [
        ["VISITOR_KEY", "is", "not", "there"]
    ]
    assert [line for line in told if line.startswith("SPARE") and "is read by nobody" in line]
    assert "hunter" not in "\n".join(told)


def test_an_age_is_told_in_days(ssm):
    a_month_on = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)

    assert {line.split()[3] for line in set_parameter.lines(ssm, now=a_month_on)} <= {"365", "366"}


def test_who_has_no_credentials_is_told_so_in_one_line(run, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(SystemExit, match="Unable to locate credentials"):
        run("--list")
