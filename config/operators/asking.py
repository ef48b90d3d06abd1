"""A page between an operator's click and what it does: what will happen, and why it shall."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget


class Reason(forms.Form):
    """Nothing is done without a reason; forms that ask for more inherit from this one."""

    why = forms.CharField(
        label=_("Why"),
        max_length=500,
        help_text=_("Kept in the log beside your name."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True}),
    )


def ask(
    request: HttpRequest,
    *,
    title: str,
    form: forms.Form,
    submit: str,
    template: str = "operators/ask.html",
    **context: Any,
) -> HttpResponse:
    """The page with `form`, posted back to its own address; `back` in the context is where cancelling leads.

    What else the context holds is shown by a template that extends `operators/ask.html`.
    """
    told = {**admin.site.each_context(request), "title": title, "form": form, "submit": submit, **context}
    return TemplateResponse(request, template, told)
