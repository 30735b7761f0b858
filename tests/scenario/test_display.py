"""What a notebook shows of a scenario: all that it holds, and nothing that a browser would run or a page would lose."""

from html.parser import HTMLParser

import pytest
from helpers import scenario_data

import engine
from engine.scenario.display import MOST_LETTERS, html_block, html_table, html_text, html_title

HOSTILE = "<script>alert('&')</script> \u202e $x^2$ " + "long " * 200


class Shown(HTMLParser):
    """The elements and the text of what a notebook shows, and the rows of its tables."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.rows, self.text = set(), [], [], ""
        self.feed(html)
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag != "br":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_the_baseline_at_a_glance():
    scenario = engine.load_scenario("policies")
    shown = Shown(scenario._repr_html_())
    assert "Scenario policies, 2025 to 2045" in shown.text
    assert scenario.description.strip() in shown.text
    assert f"Uncertain, so drawn for each world: {len(scenario.uncertain())}." in shown.text
    headings = [row[0] for row in shown.rows]
    assert headings == [
        "actor class",
        *scenario.class_names,
        "capability",
        *scenario.capability_names,
        "policy",
        *scenario.policies,
    ]
    rows = {row[0]: row[1:] for row in shown.rows}
    startup, malicious = (scenario.actor_classes[name] for name in ("startup", "malicious_group"))
    assert rows["startup"] == [str(2 * startup.count), str(startup.count * startup.represents), ""]
    assert rows["malicious_group"][:2] == [str(2 * malicious.count), str(malicious.count * malicious.represents)]
    assert rows["malicious_group"][2] == "yes"
    assert rows["autonomous_replication"][0] == "dangerous"
    assert rows["security_level_4"][0] == "security_standard, security_standard_2"


def test_numbers_are_counted_with_their_sources():
    """Two numbers of the class and one of chips have no source, those of the capability have that of their part."""
    spread = {"normal": {"mean": 0.3, "sd": 0.1}, "min": 0, "unit": "OOM"}
    skill = {"requirement_spread": spread, "source": "Assumption"}
    budget = {"value": 1e8, "unit": "US$", "source": "A survey"}
    data = scenario_data(capabilities={"skill": skill}, actor_classes={"actor": {"budget": budget}})
    shown = Shown(engine.parse_scenario(data)._repr_html_())
    assert (
        "Of the 6 numbers of the scenario, 1 have a source, 2 are labelled as assumptions, in whole or in part, and 3 "
        "have neither: hardware.price_performance, actor_classes.actor.run_duration, actor_classes.actor.run_pause. "
        "Uncertain, so drawn for each world: 1."
    ) in shown.text


@pytest.mark.parametrize("rate", [0.0, 1.0, {"lognormal": {"p5": 1, "p95": 2}}])
def test_a_class_that_attempts_misuse_is_malicious(rate):
    scenario = engine.parse_scenario(scenario_data(actor_classes={"actor": {"attempt_rate": rate}}))
    shown = Shown(scenario._repr_html_())
    assert shown.rows[1] == ["actor", "1", "1", "" if rate == 0.0 else "yes"]
    assert "policy" not in [row[0] for row in shown.rows], "no table of no policies"


def test_a_policy_shows_its_measures_with_what_is_written_and_why():
    measures = [
        {"measure": "compute_cap", "max_compute": 1e26, "classes": ["actor"], "source": "A law"},
        {"measure": "security_standard", "least_security": {"value": 0.5, "source": "A guess"}},
    ]
    policy = {"description": "Two of them", "source": "A bill", "measures": measures}
    scenario = engine.parse_scenario(scenario_data(policies={"both": policy}))
    shown = Shown(scenario.policies["both"]._repr_html_())
    heading = ["key", "value", "source"]
    assert shown.rows == [
        heading,
        ["description", "Two of them", ""],
        heading,
        ["classes", "actor", ""],
        ["measure", "compute_cap", ""],
        ["max_compute", "1e+26 FLOP", "A law"],
        heading,
        ["measure", "security_standard", ""],
        ["least_security", "0.5 fraction", "A guess"],
    ]
    for text in ("Policy", "A bill", "ComputeCap", "A law", "SecurityStandard"):
        assert text in shown.text


def test_every_part_of_the_library_can_be_shown():
    def shown(part):
        assert Shown(part._repr_html_()).text
        for inner in part.parts():
            shown(inner)

    shown(engine.load_scenario("policies"))


def test_hostile_text_is_only_text():
    measure = {"measure": "compute_cap", "max_compute": 1e26}
    data = scenario_data(
        name="<b>&",
        description=HOSTILE,
        capabilities={"skill": {"description": HOSTILE}},
        policies={"cap": {"description": HOSTILE, "measures": [measure]}},
    )
    html = engine.parse_scenario(data)._repr_html_()
    shown = Shown(html)
    assert shown.tags == {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert "Scenario <b>&" in shown.text
    assert shown.text.count("<script>alert('&')</script> $x^2$ long") == 3
    assert "\u202e" not in shown.text
    assert max(len(cell) for row in shown.rows for cell in row) <= MOST_LETTERS + len("...")
    assert 'class="tex2jax_ignore mathjax_ignore"' in html, "dollar signs are no formulas"


def test_lines_of_cells_and_paragraphs_are_broken_and_escaped():
    made = html_block(html_title("<t>"), html_text("<a>", "b"), html_table(("x", "y"), [("<1>", ["<2>", "3"])]))
    assert "&lt;a&gt;<br>b" in made
    assert "&lt;2&gt;<br>3" in made
    assert Shown(made).rows == [["x", "y"], ["<1>", "<2>3"]]
