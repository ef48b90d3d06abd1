"""What the web tier loads before its first request: nothing that only some requests need."""

import subprocess
import sys

from tests.bench.server import ROOT


def test_the_web_tier_starts_without_what_few_requests_need():
    dear = {
        "boto3",
        "drf_spectacular.generators",
        "import_export",
        "markdown_it",
        "numpy",
        "pycurl",
        "tablib",
        "talib",
    }
    loaded = f"import sys, config.wsgi; print({dear} & set(sys.modules))"

    started = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert started.stdout == "set()\n"
