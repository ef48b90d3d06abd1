"""`manage.py preflight --stage before`: an operations checklist, gone through as far as a machine can."""

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from config.preflight.checklist import STAGES, Checklist, checklist
from config.preflight.finding import Check, Finding, Verdict, found_by

_MARKS = {
    Verdict.OK: "[green]✓[/]",
    Verdict.WATCH: "[yellow]![/]",
    Verdict.FAILED: "[red]✗[/]",
    Verdict.SKIPPED: "[dim]–[/]",
}


class Command(BaseCommand):
    """Ends with 1 when a check failed; what was skipped or is to be watched does not hold anybody up."""

    help = "Go through an operations checklist, and say what is left to a person."
    requires_system_checks: list[str] = []  # they are one of the checks

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stage", choices=STAGES, required=True)
        parser.add_argument(
            "--address", default="", help="where the service answers, such as https://api.example.org"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object, for other programs")

    def handle(self, *args: Any, **options: Any) -> None:
        todo = checklist(options["stage"], now=datetime.now(UTC), address=options["address"])
        console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
        found: list[tuple[Check, Finding]] = []
        for check in todo.checks:
            if console.is_terminal:
                console.print(f"[dim]{check.name} …[/]", end="\r")
            found.append((check, found_by(check)))
        if options["json"]:
            self._tell_programs(options["stage"], found, todo)
        else:
            self._tell_people(console, found, todo)
        if wrong := [check.name for check, finding in found if finding.verdict == Verdict.FAILED]:
            raise CommandError(f"{len(wrong)} of {len(found)} checks failed: {', '.join(wrong)}.")

    def _tell_people(self, console: Console, found: list[tuple[Check, Finding]], todo: Checklist) -> None:
        table = Table(box=None, padding=(0, 1))
        for title in ("", "check", "found", "then"):
            table.add_column(title, overflow="fold")
        for check, finding in found:
            table.add_row(_MARKS[finding.verdict], check.name, finding.said, finding.then)
        console.print(table)
        console.print("\nLeft to you:")
        for sentence in todo.by_hand:
            console.print(f"  ☐ {sentence}")

    def _tell_programs(self, stage: str, found: list[tuple[Check, Finding]], todo: Checklist) -> None:
        told = [
            {"check": check.name, "verdict": finding.verdict, "found": finding.said, "then": finding.then}
            for check, finding in found
        ]
        self.stdout.write(
            json.dumps({"stage": stage, "checks": told, "by_hand": todo.by_hand}, ensure_ascii=False)
        )
