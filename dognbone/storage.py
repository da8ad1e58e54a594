"""Static files under hashed names."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashes file names and rewrites `import` paths in ES modules to match."""

    support_js_module_import_aggregation = True
    # Each pass settles one more storey of modules that import modules; Django's five are too few.
    max_post_process_passes = 20

    def url_converter(
        self, name: str, hashed_files: Any, template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        """Leaves alone in a module what no browser loads, since it stands in a type.

        That is `@import` in a comment, by which modules may name each other in a circle; a package's name, as
        in `import("@twilio/voice-sdk")`; and a path without an ending, as in `import("../htmx")`.
        """
        convert = super().url_converter(name, hashed_files, template)

        def convert_paths(match: re.Match[str]) -> str:
            url, before = match["url"], match.string[max(match.start() - 1, 0) : match.start()]
            is_path = url.startswith((".", "/")) and PurePosixPath(url).suffix
            if name.endswith(".js") and (before == "@" or not is_path):
                return match["matched"]
            return str(convert(match))

        return convert_paths
