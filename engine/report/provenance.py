"""The origin of the results, and the command that reproduces them."""

from __future__ import annotations

import shlex

from engine.document.page import Section, table
from engine.document.run import Run
from engine.results.provenance import sampling_option
from engine.scenario import BASELINE, samplers

#: The paper whose mechanism the engine simulates.
PAPER = (
    "Pilz, K., Heim, L., & Brown, N. (2024). Increased Compute Efficiency and the Diffusion of AI Capabilities. "
    "arXiv:2311.15377v2."
)
_ATTRIBUTES = (
    ("scenario", "scenario_name"),
    ("read from", "scenario_file"),
    ("SHA-256 of the scenario's numbers", "scenario_sha256"),
    ("seed", "seed"),
    ("worlds", "worlds"),
    ("futures in each world", "futures"),
    ("sampling of worlds", "sampling"),
    ("source of worlds", "worlds_from"),
    ("changes of worlds", "worlds_changed"),
    ("SHA-256 of all values of the results", "id"),
    ("results written", "date_created"),
    ("engine", "engine_version"),
    ("Python", "python_version"),
    ("packages", "package_versions"),
    ("platform", "platform"),
    ("licence", "license"),
)


def provenance(run: Run) -> Section:
    """Hash, seed, sizes, versions, the command of the run, and the citation."""
    attrs = run.results.attrs
    rows = [(words, str(attrs[name])) for words, name in _ATTRIBUTES if str(attrs.get(name, ""))]
    made = table("Provenance of the results", ("item", "value"), rows, text=True)
    words, commands = again(run)
    text = (f"The mechanism is that of {PAPER} The engine is an independent implementation by other authors.", words)
    return Section("Provenance", text, commands=commands, tables=(made,))


def again(run: Run) -> tuple[str, tuple[str, ...]]:
    """How to reproduce the results: a sentence, and command lines."""
    attrs = run.results.attrs
    if attrs["sampling"] not in samplers() or "worlds_from" in attrs or "worlds_changed" in attrs:
        return (
            "One command cannot reproduce these results: their worlds were chosen or changed, not drawn "
            f"({attrs.get('worlds_from') or attrs.get('worlds_changed') or 'a design'}).",
            (),
        )
    file = run.file
    words = ["engine", "run", file or "scenario.yaml"]
    words += ["--worlds", str(attrs["worlds"]), "--futures", str(attrs["futures"]), "--seed", str(attrs.get("seed"))]
    words += sampling_option(attrs["sampling"])
    names = ",".join(run.policies) or BASELINE
    words += ["--policies", names]
    words += ["--paths"] if "future_access" in run.results else ["--samples"] if "future_loss" in run.results else []
    stored = "The scenario itself is stored in the results file, as the attribute scenario_yaml"
    condition = (
        f"This requires an unchanged scenario file: the summary of the new run prints the beginning of the "
        f"scenario's SHA-256, which must be {str(attrs['scenario_sha256'])[:16]}. {stored}"
        if file
        else f"{stored}; save that as scenario.yaml first"
    )
    text = f"This reproduces the results, to the bit with the same versions on the same type of CPU. {condition}."
    return text, (shlex.join(words),)
