"""The version of Plumbline, stamped into reports, bundles, `--version` and the app's footer."""

__version__ = "0.1.0"
