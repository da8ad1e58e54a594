from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.utils.translation import gettext_lazy as _
from django_tasks_db.apps import TasksAppConfig


class DogNBoneConfig(AppConfig):
    name = "dognbone"
    verbose_name = "Dog n Bone"

    def ready(self) -> None:
        from dognbone import checks

        checks.register_checks()
        if settings.SENTRY_DSN:
            from dognbone import sentry

            sentry.begin()


class DogNBoneAdminConfig(AdminConfig):
    default_site = "dognbone.admin_site.AdminSite"


class DogNBoneTasksConfig(TasksAppConfig):
    verbose_name = _("Tasks Database Backend")  # type: ignore[assignment]


class DogNBoneStaticFilesConfig(StaticFilesConfig):
    # What the packages have besides what our pages ask for.
    ignore_patterns = (
        *StaticFilesConfig.ignore_patterns,
        "twilio.js",
        *("htmx.js", "htmx.amd.js", "htmx.cjs.js", "htmx.esm.*", "htmx.min.js.gz", "ext"),
        # Of allauth's second factor, whose pages here have a module of their own.
        "mfa",
        *("libphonenumber-js.min.*", "libphonenumber-min.*", "libphonenumber-mobile.*"),
    )
