"""What a package of the web tier needs and git does not hold: `python -m deploy.package`.

Run in the root of the checkout, by Zappa before it makes a zip (`prebuild_script`) and by
deploy/docker/web.Dockerfile: compiled message catalogues, the names of static files, byte code.
"""

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).resolve().parent.parent
CODE = ("config", "currency", "history", "ingestor", "ranking")


def prepare() -> None:
    """For a zip. In a process of its own: Zappa's is about to read the settings of another."""
    subprocess.run([sys.executable, "-m", "deploy.package"], cwd=ROOT, check=True)
    ship_driver()


def ship_driver() -> None:
    """lib/: the client library that mysqlclient is linked to, and what that loads to send a token of IAM's.

    Lambda's zip runtime has neither. It looks there for the one, the library for the other where
    MARIADB_PLUGIN_DIR says (deploy/zappa_stage.py). Both are of the machine that makes the zip, which is why
    that has to be Amazon Linux 2023 (docs/decisions/0020).
    """
    import MySQLdb._mysql as driver

    linked = subprocess.run(["ldd", driver.__file__], capture_output=True, text=True, check=True).stdout
    (ROOT / "lib").mkdir(exist_ok=True)
    for name, _, place in (line.partition(" => ") for line in linked.splitlines()):
        if "mariadb" in name or "mysqlclient" in name:
            shutil.copy(place.partition(" (")[0], ROOT / "lib" / name.strip())
    told = subprocess.run(["mariadb_config", "--plugindir"], capture_output=True, text=True, check=True)
    shutil.copy(Path(told.stdout.strip()) / "mysql_clear_password.so", ROOT / "lib")


def compile_messages() -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in (*ROOT.glob("locale/*/LC_MESSAGES/*.po"), *ROOT.glob("*/locale/*/LC_MESSAGES/*.po")):
        with source.open("rb") as read, source.with_suffix(".mo").open("wb") as written:
            write_mo(written, read_po(read, locale=source.parts[-3]))


def name_static_files() -> None:
    """staticfiles.json: under which name, with the hash of its content, each static file is found."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.base"  # in need of no secret
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    names = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": names}}
    with tempfile.TemporaryDirectory(dir=ROOT) as gathered:
        settings.STATIC_ROOT = gathered
        call_command("collectstatic", "--noinput", verbosity=0)
        # In one step: somebody may be reading the one before.
        (Path(gathered) / "staticfiles.json").replace(ROOT / "staticfiles.json")


def compile_code() -> None:
    """Lambda's code folder is read-only: without byte code every cold start would compile all of it.

    It is checked by the hash of its source: a package keeps no times, which pip's byte code is checked by.
    Measured here: 0.9 s of a processor for a start with it, 2.7 s without.
    """
    import django

    packages = Path(django.__file__).parent.parent
    for folder in (*(ROOT / name for name in CODE), packages):
        compileall.compile_dir(
            folder, quiet=2, force=True, workers=0, invalidation_mode=PycInvalidationMode.CHECKED_HASH
        )


if __name__ == "__main__":
    compile_messages()
    name_static_files()
    compile_code()
