"""Whatever an operator does to rows is done for a reason: actions of lists, edits of forms and of lists."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from config.evidence import OperatorsAdmin
from config.operators.asking import Reason, ask
from config.operators.audit import note

_Row = TypeVar("_Row", bound=Model)


def asked(
    request: HttpRequest,
    chosen: "QuerySet[Any]",
    *,
    title: str,
    submit: str,
    form: type[Reason] = Reason,
) -> "Reason | HttpResponse":
    """The answered form of a list's action, or the page that asks for it.

    The page posts the same action with the same rows again, so an action is two lines:
    `told = asked(…)`, and return it unless it is a form.
    """
    action = request.POST.get("action", "")
    answered = form(request.POST if "why" in request.POST else None)
    # The rows go with the form, as the list sent them.
    again = {"action": action, "index": "0", "select_across": request.POST.get("select_across", "0")}
    for name, value in again.items():
        answered.fields[name] = forms.CharField(initial=value, widget=forms.HiddenInput, required=False)
    rows = request.POST.getlist(ACTION_CHECKBOX_NAME)
    answered.fields[ACTION_CHECKBOX_NAME] = forms.MultipleChoiceField(
        choices=[(row, row) for row in rows], initial=rows, widget=forms.MultipleHiddenInput, required=False
    )
    if answered.is_valid():
        return answered
    about = [str(each) for each in chosen[:20]]
    more = max(0, len(rows) - len(about))
    return ask(
        request,
        title=title,
        form=answered,
        submit=submit,
        template="operators/ask_about.html",
        about=about,
        more=more,
        back=request.get_full_path(),
    )


def each_noted(
    request: HttpRequest, rows: Iterable[_Row], *, what: str, why: str, do: Callable[[_Row], object]
) -> int:
    """Do it to each row and note it, both or neither; how many."""
    done = 0
    for row in rows:
        with transaction.atomic():
            do(row)
            note(by=request.user, what=what, why=why, about=row)
        done += 1
    return done


class ReasonedForm(forms.ModelForm[Any]):
    """A form that asks why as well."""

    why = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        help_text=gettext_lazy("Kept in the log beside your name."),
        widget=UnfoldAdminTextInputWidget,
    )


class ReasonedFormSet(BaseModelFormSet[Any, Any]):
    """Rows edited in the list: one reason for all that is saved at once."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            # In the list a column's head is no label of its fields.
            field.widget.attrs["aria-label"] = f"{field.label or ''} {form.instance}".strip()

    def clean(self) -> None:
        super().clean()
        if any(form.has_changed() for form in self.forms) and not self.data.get("why_all", "").strip():
            raise forms.ValidationError(_("Say why, beside the button that saves."))


class ReasonedAdmin(OperatorsAdmin[_Row]):
    """A table whose rows are changed for a reason, which the log keeps beside what was changed."""

    form: Any = ReasonedForm

    def get_fieldsets(self, request: HttpRequest, obj: _Row | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        may_save = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if not may_save:
            return [
                (title, {**told, "fields": [each for each in told["fields"] if each != "why"]})
                for title, told in fieldsets
            ]
        if any("why" in told["fields"] for _title, told in fieldsets):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["why"]})]

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_formset(request, **{"formset": ReasonedFormSet, **kwargs})

    def construct_change_message(  # type: ignore[override]  # the log takes plain text as well
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        """What was changed, from what to what, and why."""
        why = (form.cleaned_data.get("why") or request.POST.get("why_all", "")).strip()
        changed = [_changed(form, name) for name in form.changed_data if name != "why" and not add]
        told = ", ".join(changed) or (_("Added") if add else _("Nothing changed"))
        return f"{told} — {why}" if why else told


def _changed(form: Any, name: str) -> str:
    """What became of a field; of a password, which its form names without having such a field, only that."""
    if name not in form.fields:
        return name
    return (
        f"{form.fields[name].label}: {_said(form.initial.get(name))} → {_said(form.cleaned_data.get(name))}"
    )


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | QuerySet) else str(value)
