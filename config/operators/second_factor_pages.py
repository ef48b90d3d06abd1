"""The second step of a login, and the page where an operator switches it on or off for himself."""

import time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth import login as log_in
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from unfold.widgets import UnfoldAdminTextInputWidget

from config.operators import second_factor
from config.operators.audit import note
from config.operators.lockout import is_locked, locked
from config.operators.login import CodeWanted


class Code(forms.Form):
    """The six digits that the telephone shows."""

    code = forms.RegexField(
        r"^\s*\d{3}\s?\d{3}\s*$",
        label=gettext_lazy("Code"),
        widget=UnfoldAdminTextInputWidget(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "maxlength": 8}
        ),
        error_messages={"invalid": gettext_lazy("Six digits are expected.")},
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


def after_password(request: HttpRequest, wanted: CodeWanted) -> HttpResponse:
    """From the first step to the second."""
    user: Any = wanted.user
    second_factor.wait_for(request.session, user, backend=user.backend, now=time.time())
    back = _back(request)
    return redirect(f"{reverse('admin:login-code')}?{urlencode({REDIRECT_FIELD_NAME: back})}")


@never_cache
@csrf_protect
def code(request: HttpRequest) -> HttpResponse:
    """The code, and with a right one the login."""
    user = second_factor.waiting(request.session, now=time.time())
    if user is None:
        return redirect("admin:login")
    if is_locked(request, user.get_username()):
        return locked(request)
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            is_right = second_factor.is_right(user, form.cleaned_data["code"])
        except second_factor.TooManyCodes:
            form.add_error("code", _("Too many wrong codes: wait a little, then try the next one."))
        else:
            if is_right:
                log_in(request, user)
                second_factor.was_right(request.session)
                return HttpResponseRedirect(_back(request))
            second_factor.was_wrong(request.session)
            _count_failure(request, user.get_username())
            form.add_error("code", _("This code is not right, or was used already."))
    told = {**admin.site.each_context(request), "title": _("Log in"), "form": form, "next": _back(request)}
    return TemplateResponse(request, "operators/code.html", told)


def own(request: HttpRequest) -> HttpResponse:
    """Switch it on (a QR code, confirmed by a first code) or off (with a code that is right now)."""
    user: Any = request.user
    has_one = second_factor.device_of(user) is not None
    is_required = second_factor.is_required_of(user)
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data["code"]
        if not has_one and second_factor.switch_on(request.session, user, told):
            note(by=user, what=_("Second factor switched on"), why="", about=user)
            messages.success(request, _("From now on a code is asked for after your password."))
            return redirect("admin:second-factor")
        if has_one and not is_required and _is_right(user, told):
            second_factor.switch_off(user)
            request.session.pop(second_factor.SHOWN, None)
            note(by=user, what=_("Second factor switched off"), why="", about=user)
            messages.success(request, _("Your password alone logs you in again."))
            return redirect("admin:second-factor")
        form.add_error("code", _("This code is not right, or was used already."))
    context = {
        **admin.site.each_context(request),
        "title": _("Second factor"),
        "form": form,
        "has_one": has_one,
        "is_required": is_required,
    }
    if not has_one:
        secret = second_factor.offered(request.session)
        address = second_factor.address_of(secret, user)
        context |= {"picture": second_factor.picture_of(address), "secret": _readable(secret)}
    return TemplateResponse(request, "operators/second_factor.html", context)


def _is_right(user: Any, told: str) -> bool:
    try:
        return second_factor.is_right(user, told)
    except second_factor.TooManyCodes:
        return False


def _readable(secret: str) -> str:
    """In base32, as telephones take it when typed, four letters at a time."""
    from base64 import b32encode

    letters = b32encode(bytes.fromhex(secret)).decode()
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _count_failure(request: HttpRequest, username: str) -> None:
    """A wrong code counts like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def _back(request: HttpRequest) -> str:
    """Where the login leads: the address asked for before, where it is one of ours."""
    asked = request.POST.get(REDIRECT_FIELD_NAME, request.GET.get(REDIRECT_FIELD_NAME, ""))
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else reverse("admin:index")
