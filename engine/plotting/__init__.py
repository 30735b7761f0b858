"""How figures look: one set of styles, and panels that several analyses draw."""
