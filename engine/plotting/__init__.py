"""The look of figures: one set of styles, and panels that several analyses draw."""
