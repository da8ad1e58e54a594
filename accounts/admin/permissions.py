"""What somebody may do, in words: the permissions that mean something here, as boxes to tick."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from accounts.admin.read_only import ReadOnlyAdmin

OURS = ("accounts", "phone", "auth")

# Those that every table has.
OF_TABLES = {
    "add": _("Can add {table}"),
    "change": _("Can change {table}"),
    "delete": _("Can delete {table}"),
    "view": _("Can view {table}"),
}
# Our tables' own, as they are stored; here to be found by makemessages.
OF_OURS = (
    pgettext_lazy("permission", "Can review login failures"),
    pgettext_lazy("permission", "Can acknowledge failure groups"),
    pgettext_lazy("permission", "Can resolve failure groups"),
    pgettext_lazy("permission", "Can reopen failure groups"),
    pgettext_lazy("permission", "Can assign failure groups"),
    pgettext_lazy("permission", "Can write notes on failure groups"),
    pgettext_lazy("permission", "Can dismiss alarms"),
    pgettext_lazy("permission", "Receives alarms by e-mail"),
    pgettext_lazy("permission", "Can see full phone numbers of accounts"),
    pgettext_lazy("permission", "Can see full phone numbers of calls"),
    pgettext_lazy("permission", "Can acknowledge groups of failed calls"),
    pgettext_lazy("permission", "Can resolve groups of failed calls"),
    pgettext_lazy("permission", "Can reopen groups of failed calls"),
    pgettext_lazy("permission", "Can assign groups of failed calls"),
    pgettext_lazy("permission", "Can write notes on groups of failed calls"),
)


class PermissionChoice(forms.ModelMultipleChoiceField):
    """Permissions by their names, by subject; those that no page asks for are left out unless held."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(Permission.objects.none(), *args, **{"required": False, **kwargs})

    def label_from_instance(self, obj: Permission) -> str:
        return describe_permission(obj)


def describe_permission(permission: Permission) -> str:
    """`Can view login failure`, without the names of its app and table before it."""
    of = permission.content_type
    verb, _, table = permission.codename.partition("_")
    model = of.model_class()
    if verb in OF_TABLES and table == of.model and model is not None:
        return OF_TABLES[verb].format(table=model._meta.verbose_name)
    return pgettext("permission", permission.name)


def list_permissions(held: QuerySet[Permission] | None = None) -> QuerySet[Permission]:
    """Those that a page of the admin asks for, and those that are `held` already."""
    meant = Q(pk__in=[])
    for model, model_admin in admin.site._registry.items():
        opts = model._meta
        if opts.app_label not in OURS:
            continue
        of_model = Q(content_type__app_label=opts.app_label, content_type__model=opts.model_name)
        idle = ["add", "change", "delete"] if isinstance(model_admin, ReadOnlyAdmin) else []
        names = [f"{verb}_{opts.model_name}" for verb in idle]
        meant |= of_model & ~Q(codename__in=names)
    thresholds = apps.get_model("accounts", "AlarmThresholds")._meta.model_name
    changed = (f"change_{thresholds}", "change_callinglimits", "change_membership")
    meant |= Q(codename__in=[*changed, "delete_twiliocredentials"])
    if held is not None:
        meant |= Q(pk__in=held.values("pk"))
    permissions = Permission.objects.filter(meant).select_related("content_type")
    return permissions.order_by("content_type__app_label", "content_type__model", "pk")


class GroupForm(forms.ModelForm):
    permissions = PermissionChoice(label=_("What its members may do"))

    class Meta:
        model = Group
        fields = ("name", "permissions")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.permissions.all() if self.instance.pk else None
        self.fields["permissions"].queryset = list_permissions(held)  # type: ignore[attr-defined]


admin.site.unregister(Group)


@admin.register(Group)
class PermissionGroupAdmin(GroupAdmin):
    """Groups of people who may do the same."""

    form = GroupForm
    filter_horizontal = ()
