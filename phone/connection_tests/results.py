"""What a line of a test came to, in a word, for those who look over many."""

from django.utils.translation import pgettext_lazy

RESULTS = {
    "good": pgettext_lazy("result", "good"),
    "bad": pgettext_lazy("result", "bad"),
    "unknown": pgettext_lazy("result", "unknown"),
}


def name_result(result: str) -> str:
    return str(RESULTS.get(result, result))
