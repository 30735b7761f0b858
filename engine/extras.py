"""Optional parts of the installation: libraries that an analysis needs beyond a plain `pip install`."""

from __future__ import annotations

from importlib.util import find_spec

from engine.errors import EngineError


class MissingExtra(EngineError):
    """Libraries that are not installed, with the command that installs them."""


def need(extra: str, *modules: str) -> None:
    """Raise MissingExtra, with the command that installs the `extra`, if one of its `modules` is not installed."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise MissingExtra(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} needed here and not installed; run "
            f"pip install 'capability-diffusion-engine[{extra}]'"
        )
