"""A figure as SVG: the same bytes, whatever the last bits of its layout."""

import re

from engine.plotting.style import as_svg, new_figure


def drawn(width):
    figure = new_figure(width, 2.0)
    for axis in figure.subplots(1, 2):
        axis.plot([0, 1], [0, 1], marker="o")
        axis.bar([0], [1], hatch="//")
    return as_svg(figure)


def test_ids_do_not_depend_on_the_last_bits_of_lengths():
    assert drawn(4.0) == drawn(4.0 * (1.0 + 1e-12))


def test_every_reference_has_its_id():
    svg = drawn(4.0)
    ids = re.findall(r'\bid="([^"]+)"', svg)
    referred = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    assert len(ids) == len(set(ids))
    assert referred
    assert referred <= set(ids)
