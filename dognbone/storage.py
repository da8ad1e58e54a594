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
        """Leaves alone in a module what no browser loads.

        `import("@twilio/voice-sdk")` and `import("../htmx")`, a package's name and a path without an ending,
        stand in a type.
        """
        convert = super().url_converter(name, hashed_files, template)

        def convert_paths(match: re.Match[str]) -> str:
            url = match["url"]
            if name.endswith(".js") and not (url.startswith((".", "/")) and PurePosixPath(url).suffix):
                return match["matched"]
            return str(convert(match))

        return convert_paths
