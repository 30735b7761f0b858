"""Text of files for printing: invisible and misleading characters are escaped."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""`text` with invisible characters as escapes, such as \x1b or \u202e; blanks, tabs and ends of lines stay.

    These are control characters, including those of terminals; marks that change the direction of writing, or have no
    width; surrogates; and unassigned characters.
    """
    hidden = {
        ord(letter): letter.encode("unicode_escape").decode()
        for letter in set(text)
        if not letter.isprintable() and letter not in "\n\t" and unicodedata.category(letter) != "Zs"
    }
    return text.translate(hidden)
