"""Text of files as it is printed: what a person would not see, or would be misled by, is escaped."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""`text` with letters that are not seen as escapes, such as \x1b or \u202e; blanks, tabs and ends of lines stay.

    These are controls, of terminals too; marks that turn the direction of writing, or have no width; halves of
    characters; and characters that no standard knows.
    """
    hidden = {
        ord(letter): letter.encode("unicode_escape").decode()
        for letter in set(text)
        if not letter.isprintable() and letter not in "\n\t" and unicodedata.category(letter) != "Zs"
    }
    return text.translate(hidden)
