"""What a document is made of: sections with words, figures and tables, and the run that they are about."""
