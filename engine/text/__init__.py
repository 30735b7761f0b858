"""Values as text, each with its unit and its error: one formatter for summaries, figures and documents."""
