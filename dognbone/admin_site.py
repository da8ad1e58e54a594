"""The Django admin under Dog n Bone's name, with the pages that belong to no single table."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from dognbone.admin_queries import AnswerableLists, View, answer_bad_queries
from dognbone.headers import without_trusted_types


class GuardedActions(admin.ModelAdmin):
    """An action that names no permission, as another package's may, is for those who may change the rows."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        may_change = self.has_change_permission(request)
        return {
            name: action
            for name, action in actions.items()
            if action is not None and (may_change or hasattr(action[0], "allowed_permissions"))
        }


class AdminSite(admin.AdminSite):
    site_title = site_header = _("Dog n Bone admin")
    index_title = _("Overview")
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Every list answers for its address and asks who may do what, those of other packages too."""
        admin_class = admin_class or admin.ModelAdmin
        answerable = type(admin_class.__name__, (AnswerableLists, GuardedActions, admin_class), {})
        super().register(model_or_iterable, answerable, **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        return without_trusted_types(super().admin_view(answer_bad_queries(view), cacheable))

    # The pages are imported late, because they need the models, which are loaded after the site.

    def get_urls(self) -> list[Any]:
        from accounts.admin import alarms, saved_links
        from phone.admin import overview, timeline

        pages = [
            path("saved-links/", self.admin_view(saved_links.save_link), name="save_link"),
            path(
                "saved-links/<int:pk>/remove/", self.admin_view(saved_links.remove_link), name="remove_link"
            ),
            path("alarms/<int:pk>/dismiss/", self.admin_view(alarms.dismiss), name="dismiss_alarm"),
            path("live/", self.admin_view(overview.live), name="live"),
            path(
                "timeline/page/<uuid:page_session>/", self.admin_view(timeline.page_trail), name="page_trail"
            ),
            path("timeline/person/<int:pk>/", self.admin_view(timeline.person_trail), name="person_trail"),
        ]
        # No row has a page outside of the admin, and Django's way there breaks over a key that is none.
        return pages + [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from accounts.admin.alarms import get_banner

        return {**super().each_context(request), "banner": get_banner(request)}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from phone.admin.overview import build_overview

        return super().index(request, {**(extra_context or {}), "overview": build_overview(request)})
