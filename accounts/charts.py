"""Charts drawn on the server as SVG: attributes and classes only, so a strict CSP lets them be."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

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
    said = ", ".join(str(count) for count in counts)
    return format_html(
        '<svg class="spark" width="{}" height="{}" viewBox="0 0 {} {}" role="img" aria-label="By day: {}">'
        "{}</svg>",
        width,
        SPARK_HEIGHT,
        width,
        SPARK_HEIGHT,
        said,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>', bars),
    )
