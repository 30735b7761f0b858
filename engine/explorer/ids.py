"""What the parts of the page are called, for callbacks, style and browser tests: in one place."""

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

WORLD = "story-world"
FUTURE = "story-future"
TELL = "tell"
TOLD = "told"
UNTOLD = "untold"
STORY = "story"

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
    """What is said beside that slider."""
    return f"shown-{path.replace('.', '-')}"
