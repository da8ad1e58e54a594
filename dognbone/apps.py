from django.contrib.admin.apps import AdminConfig


class DogNBoneAdminConfig(AdminConfig):
    default_site = "dognbone.admin_site.AdminSite"
