"""`/metrics`, for whoever has METRICS_TOKEN."""

import hmac
import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from dognbone.metrics.asking import asking
from dognbone.serving import serving
from dognbone.shared_counts import VARIABLE


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """404 where no METRICS_TOKEN is set, 401 without it; else Prometheus's text, the database away or not."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not is_known(request):
        answer = HttpResponse("Unauthorized", content_type="text/plain", status=401)
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    text = generate_latest(collect_counts()) + generate_latest(Given(describe_service()))
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def is_known(request: HttpRequest) -> bool:
    """RFC 6750 §2.1. Takes as long for a token that is nearly right as for any other."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(
        token.strip().encode(), settings.METRICS_TOKEN.encode()
    )


def collect_counts() -> Collector:
    """What all processes have counted together, or this one where it is the only one."""
    if VARIABLE not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def describe_service() -> list[Metric]:
    stored = None if serving.is_held_back else asking.ask()
    is_there = GaugeMetricFamily(
        "dognbone_database_up", "1 where the database answered this scrape; else it tells nothing of it."
    )
    is_there.add_metric([], 0 if stored is None else 1)
    version = InfoMetricFamily("dognbone", "Which version this is.", {"version": settings.VERSION})
    return [version, is_there, *(stored or [])]


class Given(Collector):
    """What has been collected already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self.metrics = metrics

    def collect(self) -> list[Metric]:
        return self.metrics
