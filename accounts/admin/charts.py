"""Charts drawn on the server as SVG: attributes and classes only, so a strict CSP lets them be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

BAR_WIDTH = 6
SPARK_HEIGHT = 20


def draw_spark(counts: Sequence[int]) -> SafeString:
    """One thin bar for each count, oldest first."""
    highest = max(counts, default=0) or 1
    bars = [
        (
            index * BAR_WIDTH,
            SPARK_HEIGHT - height,
            BAR_WIDTH - 1,
            height,
            "spark-bar" if count else "spark-none",
        )
        for index, count in enumerate(counts)
        for height in [max(1, round(count / highest * SPARK_HEIGHT))]
    ]
    width = len(counts) * BAR_WIDTH
    said = gettext("By day: {counts}").format(counts=", ".join(str(count) for count in counts))
    return format_html(
        '<svg class="spark" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        width,
        SPARK_HEIGHT,
        width,
        SPARK_HEIGHT,
        said,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>', bars),
    )


MOST_SERIES = 6
CHART_HEIGHT = 160
COLUMN_WIDTH = 52
AXIS_HEIGHT = 20
AXIS_WIDTH = 36


@dataclass(frozen=True)
class Series:
    """One colour of a stacked chart: its name, and its value in each column."""

    name: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.values)


def choose_series(values: Mapping[str, Sequence[int]]) -> list[Series]:
    """The largest six, and the sum of the rest as the last."""
    series = sorted((Series(name, counts) for name, counts in values.items()), key=lambda one: -one.total)
    rest = series[MOST_SERIES:]
    if not rest:
        return series
    columns = zip(*(one.values for one in rest), strict=True)
    return [*series[:MOST_SERIES], Series(gettext("Others"), [sum(column) for column in columns])]


def draw_days(series: Sequence[Series], last: date) -> SafeString:
    """Stacked columns, one for each day up to `last`; coloured by the classes `series-0` to `series-6`."""
    days = len(series[0].values) if series else 0
    totals = [sum(one.values[index] for one in series) for index in range(days)]
    highest = max(totals, default=0) or 1
    first = last - timedelta(days=days - 1)
    width = AXIS_WIDTH + days * COLUMN_WIDTH
    bars, labels = [], []
    for index in range(days):
        left, base = AXIS_WIDTH + index * COLUMN_WIDTH, float(CHART_HEIGHT)
        day = first + timedelta(days=index)
        labels.append(
            (
                left + COLUMN_WIDTH / 2 - 4,
                CHART_HEIGHT + AXIS_HEIGHT - 5,
                date_format(day, "SHORT_WEEKDAY_FORMAT"),
            )
        )
        for number, one in enumerate(series):
            height = round(one.values[index] / highest * (CHART_HEIGHT - 12), 1)
            if height:
                base -= height
                title = f"{date_format(day, 'WEEKDAY_FORMAT')}: {one.values[index]} × {one.name}"
                bars.append((left, round(base, 1), COLUMN_WIDTH - 8, height, number, title))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<text class="chart-label" x="0" y="12">{}</text>'
        '<line class="chart-axis" x1="{}" y1="{}" x2="{}" y2="{}"/>{}{}</svg>',
        width,
        CHART_HEIGHT + AXIS_HEIGHT,
        gettext("Failures by verdict over {count} days").format(count=days),
        highest,
        AXIS_WIDTH,
        CHART_HEIGHT,
        width,
        CHART_HEIGHT,
        format_html_join(
            "",
            '<rect x="{}" y="{}" width="{}" height="{}" class="series-{}"><title>{}</title></rect>',
            bars,
        ),
        format_html_join("", '<text class="chart-day" x="{}" y="{}">{}</text>', labels),
    )
