"""How soon the explorer's page redraws: from an assumption moved or a measure ticked to all futures drawn.

    python benchmarks/explorer.py [--rounds ROUNDS] [--browser]

Times are those of the server, from the state that is asked to the JSON that is sent, in turns with `engine.simulate` of
the baseline and the same policy, of which ratios are given. With --browser also those of a page in Chromium
(/usr/bin/chromium, or what CHROMIUM says; needs Playwright), from the event in the page to the frame after the drawing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from plotly.utils import PlotlyJSONEncoder

import engine
from engine.explorer.callbacks import shown
from engine.explorer.offer import Offer, offer_of
from engine.explorer.simulator import Simulator
from engine.explorer.state import State, first_state

ROOT = Path(__file__).resolve().parents[1]
SCENARIO = ROOT / "scenarios" / "policies.yaml"
AIM = 1.0
TREND = "algorithms.efficiency_trend"

#: In the page: do something, and answer after how many milliseconds it was all drawn.
_REDRAWN = """
([what, name, value]) => new Promise(done => {
    const began = performance.now();
    new MutationObserver((_, observer) => {
        if (document.getElementById("status").innerText.includes("being played")) {
            return;  // the first thousand, of what is slow
        }
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
    }).observe(document.getElementById("headlines"), {childList: true, subtree: true, characterData: true});
    if (what === "move") {
        const slider = document.getElementById(name);
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(slider, value);
        slider.dispatchEvent(new Event("input", {bubbles: true}));
    } else {
        document.querySelectorAll(`#${name} input`)[value].click();
    }
})
"""


def states(offer: Offer, rounds: int) -> Iterator[tuple[str, State]]:
    """What is asked in turn: an assumption moved, a measure ticked, another class looked at."""
    one, first = offer.by_path[TREND], first_state(offer)
    for medians in np.linspace(one.low, one.high, 2 * rounds).reshape(rounds, 2):
        moved = replace(first, moved=((TREND, float(medians[0])),))
        yield "an assumption moved", moved
        yield "a measure ticked", replace(moved, side_b=("compute_cap", "security_level_3"))
        yield "another class looked at", replace(moved, actor_class="startup")
        yield "licences ticked", replace(moved, side_b=("licensing_above_1e26",))


def seconds(work: Callable[[], object]) -> float:
    """Wall clock of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{np.median(values):5.2f}  ({min(values):.2f} to {max(values):.2f})"


def sent(simulator: Simulator, state: State) -> str:
    """What the server sends for a state."""
    return json.dumps(shown(simulator.simulated(state), state), cls=PlotlyJSONEncoder)


def of_the_server(rounds: int) -> None:
    """Time the server, and print."""
    offer = offer_of(engine.load_scenario(SCENARIO))
    simulator = Simulator(offer)
    first = first_state(offer)
    simulator.warm(first)
    simulator.simulated(first)

    def simulate() -> object:
        return engine.simulate(offer.scenario, policies=["compute_cap"], keep="samples")

    took: dict[str, list[float]] = {"simulate": []}
    for what, state in states(offer, rounds):
        took.setdefault(what, []).append(seconds(lambda s=state: sent(simulator, s)))
        if what == "an assumption moved":
            took["simulate"].append(seconds(simulate))
    print(f"engine.simulate, baseline and compute_cap, as many futures: {spread(took['simulate'])} s")
    print(f"The server, to all futures under both sides, s:          aim: under {AIM:g} with what the browser takes")
    for what, times in took.items():
        if what != "simulate":
            ratio = np.median(times) / np.median(took["simulate"])
            print(f"  {what:<26}{spread(times)}   {ratio:.2f} of simulate")


def of_the_page(rounds: int) -> None:
    """Time a page in Chromium, and print."""
    from playwright.sync_api import expect, sync_playwright

    command = [sys.executable, "-m", "engine", "explore", str(SCENARIO), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, sync_playwright() as playwright:
        assert process.stdout is not None
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        expect(page.locator("#status")).to_contain_text("futures", timeout=600_000)
        print("The page in Chromium, to all futures drawn, s:")
        name = f"move-{TREND.replace('.', '-')}"
        for what, asked in (
            ("an assumption moved", [["move", name, str(0.06 + 0.02 * n)] for n in range(rounds)]),
            ("a measure ticked", [["tick", "side-b", 5 + n] for n in range(min(rounds, 5))]),
        ):
            times = []
            for one in asked:
                page.wait_for_timeout(1_000)
                times.append(float(page.evaluate(_REDRAWN, one)) / 1000.0)
            print(f"  {what:<26}{spread(times)}   aim: under {AIM:g}")
        browser.close()
        process.send_signal(signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> None:
    """Time, print."""
    parser = argparse.ArgumentParser(description="How soon the explorer's page redraws.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--browser", action="store_true", help="time a page in Chromium too")
    chosen = parser.parse_args(arguments)
    of_the_server(chosen.rounds)
    if chosen.browser:
        of_the_page(chosen.rounds)


if __name__ == "__main__":
    main()
