"""Which migrations a commit brings, and which of them the running release would not survive.

For the length of a release both versions write to one database: a migration may add what the old
version does not know, and not take away or narrow what it uses (expand, release, contract).
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

#: These only add, or change nothing that the database sees.
_HARMLESS = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
    operations.AlterModelManagers,
    operations.AlterModelOptions,
    operations.AlterModelTableComment,
    operations.AlterOrderWithRespectTo,
    operations.RunPython,  # fills; what it must not do is a matter for its review
)


@dataclass(frozen=True)
class Finding:
    """`migration` as app.name; `reason`: what the old release would stumble over."""

    migration: str
    reason: str


def on_disk() -> tuple[str, ...]:
    """Every migration of this checkout and of its libraries, in an order they can be applied in."""
    return tuple(".".join(key) for key in _order(_loader()))


def pending(applied: Iterable[str]) -> list[str]:
    known = set(applied)
    return [name for name in on_disk() if name not in known]


def destructive(names: Iterable[str]) -> list[Finding]:
    """What in these migrations breaks a release that does not know them."""
    loader, wanted = _loader(), set(names)
    found, state, made = [], ProjectState(real_apps=loader.unmigrated_apps), set[tuple[str, str]]()
    for key in _order(loader):
        migration, name = loader.graph.nodes[key], ".".join(key)
        if name in wanted:
            found += [Finding(name, reason) for reason in reasons(migration.operations, key[0], state, made)]
        else:
            state = migration.mutate_state(state, preserve=False)
    return found


def reasons(
    steps: Iterable[Operation], app: str, state: ProjectState, made: set[tuple[str, str]]
) -> Iterator[str]:
    """One line for each operation that breaks the old release.

    `state` is the models before these operations, `made` the tables that the old release does not know
    at all; both are carried on.
    """
    for step in steps:
        if isinstance(step, operations.CreateModel):
            made.add((app, step.name_lower))
        if (app, _table(step)) not in made and (reason := _reason(step, app, state, made)):
            yield reason
        step.state_forwards(app, state)


def _table(step: Operation) -> str:
    named = getattr(step, "model_name_lower", None) or getattr(step, "name_lower", "")
    return str(named)


def _reason(step: Operation, app: str, state: ProjectState, made: set[tuple[str, str]]) -> str:
    if isinstance(step, _HARMLESS):
        return ""
    if isinstance(step, operations.SeparateDatabaseAndState):
        return "; ".join(reasons(step.database_operations, app, state.clone(), made))
    if isinstance(step, operations.AddField):
        return _of_added(step)
    if isinstance(step, operations.AlterField):
        before = state.models[app, step.model_name_lower].fields[step.name]
        return _of_altered(step, before)
    return f"{step.describe()} ({type(step).__name__})"


def _of_added(step: operations.AddField) -> str:
    field = step.field
    if field.null or field.many_to_many or field.has_db_default():
        return ""
    return f"{step.describe()}: the old release's INSERT names no value for it (db_default gives one)"


def _of_altered(step: operations.AlterField, before: "models.Field[object, object]") -> str:
    after = step.field
    kept, new = _seen_by_database(before), _seen_by_database(after)
    if new.get("null"):
        kept.pop("null", None)
        new.pop("null")
    shorter, longer = kept.get("max_length"), new.get("max_length")
    if isinstance(shorter, int) and isinstance(longer, int) and shorter <= longer:
        kept.pop("max_length")
        new.pop("max_length")
    if kept == new and type(before).get_internal_type(before) == type(after).get_internal_type(after):
        return ""
    return f"{step.describe()}: only what takes more than before is safe"


def _seen_by_database(field: "models.Field[object, object]") -> dict[str, object]:
    *_, named = field.deconstruct()
    unseen = {*field.non_db_attrs, "default", "auto_now", "auto_now_add"}  # Python fills these in
    return {name: value for name, value in named.items() if name not in unseen}


def _loader() -> MigrationLoader:
    import django
    from django.apps import apps

    if not apps.ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
        django.setup()
    return MigrationLoader(None)


def _order(loader: MigrationLoader) -> list[tuple[str, str]]:
    ordered: list[tuple[str, str]] = []
    for leaf in sorted(loader.graph.leaf_nodes()):
        for key in loader.graph.forwards_plan(leaf):
            if key not in ordered:
                ordered.append(key)
    return ordered
