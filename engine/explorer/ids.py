"""Names of the parts of the page, for callbacks, style and browser tests."""

from __future__ import annotations

ADDRESS = "address"
PAGE = "page"
ASKED = "asked"
STATE = "state"
DRAWN = "drawn"

STATUS = "status"
MESSAGE = "message"
ALERT = "alert"
SUMMARY = "summary"

RESET = "reset"
SIDE_A = "side-a"
SIDE_B = "side-b"
CAPABILITY = "capability"
ACTOR_CLASS = "actor-class"
SEED = "seed"
WORLDS = "worlds"
FUTURES = "futures"

ATTAINMENT = "attainment"
ACCESS = "access"
COMPUTE = "compute"
DOTS = "dots"
HEADLINES = "headlines"

WORLD = "timeline-world"
FUTURE = "timeline-future"
SHOW = "show"
CHOSEN = "chosen"
REFUSED = "refused"
TIMELINE = "timeline"

LINK = "link"
COPY = "copy"
COPIED = "copied"
GET_SCENARIO = "get-scenario"
GET_RESULTS = "get-results"
CONTROLS = "controls"
RESULTS = "results"
GET_REPORT = "get-report"


def slider(path: str) -> str:
    """The slider of the number at a dotted path, such as `move-algorithms-efficiency_trend`."""
    return f"move-{path.replace('.', '-')}"


def shown(path: str) -> str:
    """The text next to that slider."""
    return f"shown-{path.replace('.', '-')}"
