from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class DogNBoneConfig(AppConfig):
    name = "dognbone"
    verbose_name = "Dog n Bone"

    def ready(self) -> None:
        from dognbone import checks

        checks.register_checks()


class DogNBoneAdminConfig(AdminConfig):
    default_site = "dognbone.admin_site.AdminSite"
