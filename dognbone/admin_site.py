"""The Django admin under Dog n Bone's name, with the pages that belong to no single table."""

from typing import Any

from django.contrib import admin
from django.urls import path


class AdminSite(admin.AdminSite):
    site_title = site_header = "Dog n Bone admin"
    index_title = "What needs doing"

    def get_urls(self) -> list[Any]:
        # Here, because these pages need the models, which are loaded after the admin's site.
        from phone.admin import timeline

        pages = [
            path(
                "timeline/page/<uuid:page_session>/", self.admin_view(timeline.page_trail), name="page_trail"
            ),
            path("timeline/person/<int:pk>/", self.admin_view(timeline.person_trail), name="person_trail"),
        ]
        return pages + super().get_urls()
