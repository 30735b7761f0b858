"""The parts of a document: sections with text, figures and tables, and the run that they describe."""
