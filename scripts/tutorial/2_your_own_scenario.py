"""Your own scenario: change one assumption, be told of a mistake, and compare with the same luck.

.venv/bin/python scripts/tutorial/2_your_own_scenario.py [folder]
"""

import sys
from pathlib import Path

import engine

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")
folder.mkdir(exist_ok=True)

# A variant says only what differs, and what it extends. This one has a misspelt key and an impossible unit.
mine = folder / "faster.yaml"
text = """\
extends: baseline
descripton: Algorithms improve about twice as fast.
algorithms:
  efficiency_trend: {normal: {p5: 0.2, p95: 0.5}, min: 0, unit: OOM per year}
"""
mine.write_text(text)
try:
    engine.load_scenario(mine)
except engine.ScenarioError as error:
    print(f"Refused:\n{error}\n")

# Every mistake is answered with its file, line and key, and what would be right. So we mend both.
mine.write_text(text.replace("descripton", "description").replace("OOM per year", "OOM/yr"))

# With the same seed both scenarios have the same luck: each draw lies at the same place in its distribution, and what
# has not been changed is the same to the bit. So future 3 of world 17 is the same story but for the faster algorithms.
usual, faster = (
    engine.simulate(engine.load_scenario(path), worlds=300, futures=10, seed=2026, keep="samples")
    for path in ("baseline", mine)
)

# Therefore single futures can be compared, not only distributions. NaN stands for never within the horizon.
earlier = (usual.attainment_time - faster.attainment_time).sel(policy="baseline", capability="ai_research_automation")
print("Years by which ai_research_automation comes earlier, over futures in which it comes in both:")
print(earlier.quantile([0.05, 0.5, 0.95], ["world", "future"]).to_pandas().T.round(2).to_string())
