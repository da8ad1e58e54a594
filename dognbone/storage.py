"""Static files under hashed names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashes file names and rewrites `import` paths in ES modules to match."""

    support_js_module_import_aggregation = True
