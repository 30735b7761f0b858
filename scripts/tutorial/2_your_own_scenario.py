"""Your own scenario: change an assumption, correct a mistake, and compare the same futures.

.venv/bin/python scripts/tutorial/2_your_own_scenario.py [folder]
"""

import sys
from pathlib import Path

import engine

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# A variant states only the differences. This one has a misspelt key and a text for a number.
mine = folder / "faster.yaml"
text = """\
extends: baseline
descripton: Algorithms improve about twice as fast.
algorithms:
  efficiency_trend: {normal: {p5: 0.2, p95: 0.5}, min: none, unit: OOM/yr}
"""
mine.write_text(text)
try:
    engine.load_scenario(mine)
except engine.ScenarioError as error:
    print(f"Refused:\n{error}\n")

# The error names file, line, key and remedy. We correct both.
mine.write_text(text.replace("descripton", "description").replace("none", "0"))

# With the same seed, each draw has the same quantile in both scenarios: a future differs only by faster algorithms.
usual, faster = (
    engine.simulate(engine.load_scenario(path), worlds=300, futures=10, seed=2026, keep="samples")
    for path in ("baseline", mine)
)

# So we can compare single futures. NaN means never within the horizon.
earlier = (usual.attainment_time - faster.attainment_time).sel(policy="baseline", capability="ai_research_automation")
print("Years by which ai_research_automation comes earlier, over futures in which it comes in both:")
print(earlier.quantile([0.05, 0.5, 0.95], ["world", "future"]).to_pandas().T.round(2).to_string())
