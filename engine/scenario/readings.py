"""Numbers that a text may mean although YAML reads it as text: `1,5`, `1'000`, `2 x 10^26`, `5 million`.

An error proposes such a reading: two for an ambiguous text, and none for an unclear one.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap
from datetime import date
from typing import Any

#: Commas, points, signs, apostrophes, percent and times of other scripts and keyboards, with their ASCII forms.
_TYPED = str.maketrans("\uff0c\uff0e\u2212\uff0d\uff0b\u2019\uff05\u00d7\u00b7", ",.--+'%xx")
_POWERS = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<digits>\d[\d.,'_ ]*(?<=\d)[.,]?(?![\d.,'_])|[.,]\d+)"
    rf"(?:e(?P<e>[-+]?\d+)| ?[x*] ?10(?:\^|\*\*)(?P<power>[-+]?\d+)| ?(?P<word>{'|'.join(_POWERS)})\b)?",
    re.IGNORECASE | re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?", re.ASCII)
_TEN = re.compile(r"(?P<sign>[-+]?)10(?:\^|\*\*)(?P<power>[-+]?\d+)", re.ASCII)
#: Marks between thousands, and the mark that then begins the decimals. A single point begins decimals, as in YAML.
_MARKS = (
    ("", "."),
    ("", ","),
    (",", "."),
    (".", ","),
    ("'", "."),
    ("'", ","),
    ("_", "."),
    ("_", ","),
    (" ", "."),
    (" ", ","),
)


def readings(text: str) -> tuple[tuple[str, ...], str]:
    """The numbers that the beginning of a `text` may mean, in YAML's form, and the rest of the text.

    There are two if a comma may begin decimals or separate thousands, and none if the text is not such a number.
    """
    typed = "".join(_digit(letter) for letter in text.translate(_TYPED)).strip()
    if ten := _TEN.match(typed):
        return (f"{ten['sign'].strip('+')}1e{int(ten['power'])}",), typed[ten.end() :].strip()
    found = _NUMBER.match(typed)
    if found is None:
        return (), typed
    power = int(found["e"] or found["power"] or 0) + _POWERS.get((found["word"] or "").lower(), 0)
    end = f"e{power}" if power else ""
    sign = found["sign"].strip("+")
    return tuple(f"{sign}{plain}{end}" for plain in _plain(found["digits"])), typed[found.end() :].strip()


def either(proposals: list[str] | tuple[str, ...]) -> str:
    """One proposal, or two from which the reader must choose."""
    return proposals[0] if len(proposals) == 1 else f"{' or '.join(proposals)}, whichever is meant"


def whole(value: Any) -> str:
    """The end of an error about a `value` that must be an integer: `; write 10`; empty if it cannot be one."""
    if isinstance(value, float):
        return f"; write {value:.0f}" if value.is_integer() and abs(value) < 1e15 else ""
    found, rest = readings(value) if isinstance(value, str) else ((), "")
    numbers = [float(one) for one in found]
    right = [f"{one:.0f}" for one in numbers if one.is_integer() and abs(one) < 1e15]
    return f"; write {either(right)}" if right and len(right) == len(numbers) and not rest else ""


def plain(value: Any) -> str:
    """The end of an error about a `value` that must be a number: `; write 0.5`; empty if it cannot be one."""
    if not isinstance(value, str):
        return ""
    found, rest = readings(value)
    if day := decimal_year(value):
        return f"; write {day}"
    return f"; write {either(found)}" if found and not rest else ""


def decimal_year(text: str) -> str:
    """The date in a `text` such as 2027-06-01 or 2027-06, in decimal years; empty if there is none."""
    if not _DATE.fullmatch(text.strip()):
        return ""
    try:
        day = date.fromisoformat(f"{text.strip()}-01"[:10])
    except ValueError:
        return ""
    return f"{day.year + (day.timetuple().tm_yday - 1) / (366 if isleap(day.year) else 365):.3f}"


def _digit(letter: str) -> str:
    """A digit of any script as an ASCII digit, any space as a plain one; anything else unchanged."""
    if letter.isascii():
        return letter
    return str(unicodedata.decimal(letter, "")) or (" " if unicodedata.category(letter) == "Zs" else letter)


def _plain(digits: str) -> list[str]:
    """All ways to read digits with marks between them, thousands first."""
    found = {}
    for between, point in _MARKS:
        whole = rf"[1-9]\d{{0,2}}(?:{re.escape(between)}\d{{3}})+" if between else r"\d*"
        read = re.fullmatch(rf"({whole})(?:{re.escape(point)}(\d*))?", digits, re.ASCII)
        if read is None or (between == "." and digits.count(".") == 1 and "," not in digits):
            continue
        number = (read[1].replace(between, "") if between else read[1]).lstrip("0") or "0"
        found[number if read[2] is None else f"{number}.{read[2].rstrip('0') or '0'}"] = bool(between)
    return sorted(found, key=lambda one: not found[one])
