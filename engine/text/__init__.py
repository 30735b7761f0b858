"""Values in words, each with its unit and its error: one formatter for summaries, figures and documents."""
