"""Who may log in, with which role, and what stands in their way: users, groups, second factors, locks."""

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from axes.utils import reset
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from config.evidence import EvidenceAdmin, OperatorsAdmin
from config.operators.reasoned import ReasonedAdmin, ReasonedForm, asked, each_noted
from config.operators.roles import ROLES, name_of

for _model in (User, Group, TOTPDevice, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)

_ROLES: Any = gettext_lazy("Roles")
_SECOND_FACTOR: Any = gettext_lazy("Second factor")
_NAME: Any = gettext_lazy("name")
_LOCKED: Any = gettext_lazy("Locked")


class PersonForm(UserChangeForm):
    why = ReasonedForm.base_fields["why"]


class NewPersonForm(UserCreationForm):
    why = ReasonedForm.base_fields["why"]


@admin.register(User)
class PersonAdmin(UserAdmin[User], ReasonedAdmin[User]):
    """Nobody is deleted: the log would lose who did what. Whoever leaves is made inactive."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "roles", "is_active", "is_staff", "second_factor", "last_login")
    list_filter = ("groups", "is_active", "is_superuser")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    never_exported = ("password",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Access"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        has_one = Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True))
        return super().get_queryset(request).prefetch_related("groups").annotate(has_second_factor=has_one)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return (*self.add_fieldsets, (None, {"fields": ("why",)}))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        # Only who is above all roles makes others so.
        more = () if getattr(request.user, "is_superuser", False) else ("is_superuser",)
        return (*super().get_readonly_fields(request, obj), *more)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.label_from_instance = lambda group: name_of(group.name)
        return field

    @display(description=_NAME)
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @display(description=_ROLES)
    def roles(self, user: User) -> str:
        names = [name_of(group.name) for group in user.groups.all()]
        return ", ".join([_("Superuser"), *names] if user.is_superuser else names)

    @display(description=_SECOND_FACTOR, boolean=True)
    def second_factor(self, user: Any) -> bool:
        return bool(user.has_second_factor)


@admin.register(Group)
class RoleAdmin(GroupAdmin, OperatorsAdmin[Group]):
    """The three roles are kept by the service (config/operators/roles.py); other groups are the operators' own."""

    list_display = ("name", "told")

    @display(description=_NAME)
    def told(self, group: Group) -> str:
        return name_of(group.name)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.name not in ROLES)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.name not in ROLES)


@admin.register(TOTPDevice)
class SecondFactorAdmin(EvidenceAdmin[Any]):
    """Who has a second factor; the secret itself is never shown. Removed for who has lost the telephone."""

    list_display = ("user", "name", "created_at", "last_used_at")
    search_fields = ("user__username", "user__email")
    list_select_related = ("user",)
    fields = ("user", "name", "created_at", "last_used_at")
    never_exported = ("key",)
    actions = ("remove",)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("otp_totp.delete_totpdevice")

    @admin.action(description=gettext_lazy("Remove: the telephone is lost"), permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        told = asked(request, chosen, title=_("Remove second factors"), submit=_("Remove them"))
        if isinstance(told, HttpResponse):
            return told
        rows = [
            device
            for device in chosen.select_related("user")
            if not device.user.is_superuser or getattr(request.user, "is_superuser", False)
        ]
        owners = [device.user for device in rows]
        done = each_noted(
            request,
            owners,
            what=_("Second factor removed"),
            why=told.cleaned_data["why"],
            do=lambda user: TOTPDevice.objects.filter(user=user).delete(),
        )
        told_now = _("Removed for %(count)d people: their password alone logs them in.")
        self.message_user(request, told_now % {"count": done}, messages.SUCCESS)
        return None


@admin.register(AccessAttempt)
class FailedLoginAdmin(EvidenceAdmin[Any]):
    """Names and addresses with failed logins; what was typed is not shown."""

    list_display = (
        "username",
        "ip_address",
        "failures_since_start",
        "is_locked",
        "attempt_time",
        "user_agent",
    )
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "user_agent", "failures_since_start", "attempt_time")
    never_exported = ("get_data", "post_data")
    actions = ("unlock",)

    @display(description=_LOCKED, boolean=True)
    def is_locked(self, attempt: Any) -> bool:
        is_recent = timezone.now() - attempt.attempt_time < settings.AXES_COOLOFF_TIME
        return bool(is_recent and attempt.failures_since_start >= settings.AXES_FAILURE_LIMIT)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("axes.delete_accessattempt")

    @admin.action(description=gettext_lazy("Unlock at once"), permissions=["unlock"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        told = asked(request, chosen, title=_("Unlock logins"), submit=_("Unlock"))
        if isinstance(told, HttpResponse):
            return told
        done = each_noted(
            request,
            list(chosen),
            what=_("Unlocked"),
            why=told.cleaned_data["why"],
            do=lambda attempt: reset(ip=attempt.ip_address, username=attempt.username),
        )
        self.message_user(
            request, _("%(what)s: %(count)d") % {"what": _("Unlocked"), "count": done}, messages.SUCCESS
        )
        return None
