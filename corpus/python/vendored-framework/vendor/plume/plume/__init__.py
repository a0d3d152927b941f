from .app import App, abort
from .template import render

__all__ = ["App", "abort", "render"]
