"""The Django admin under Dog n Bone's name."""

from django.contrib import admin


class AdminSite(admin.AdminSite):
    site_title = site_header = "Dog n Bone admin"
    index_title = "What needs doing"
