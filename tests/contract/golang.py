"""How programs written in Go read bytes: mostly more strictly than Python."""

import json
import re

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-](\d\d):(\d\d))")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def atoi(text):
    """strconv.Atoi: no space, no newline, nothing behind the digits."""
    assert re.fullmatch(r"[+-]?[0-9]+", text), f"strconv.Atoi: parsing {text!r}: invalid syntax"
    return int(text)


def parse_u32(text):
    """Rust's str::parse::<u32>."""
    assert re.fullmatch(r"\+?[0-9]+", text) and int(text) < 1 << 32, f"invalid digit in {text!r}"
    return int(text)


def rfc3339(text):
    """time.Time.UnmarshalJSON: RFC 3339, whose ranges are checked since Go 1.20."""
    found = _RFC3339.fullmatch(text)
    assert found, f"parsing time {text!r}"
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    leap = month == 2 and (year % 4 == 0 and year % 100 != 0 or year % 400 == 0)
    assert 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1] + leap, f"out of range: {text!r}"
    assert hour < 24 and minute < 60 and second < 60, f"out of range: {text!r}"
    if found[9]:
        assert int(found[9]) < 24 and int(found[10]) < 60, f"time zone out of range: {text!r}"
    return text


def _no_constant(name):
    raise AssertionError(f"invalid character {name[0]!r} looking for beginning of value")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def unmarshal(text):
    """json.Unmarshal of the whole text: one value, and nothing but space around it."""
    value, end = _DECODER.raw_decode(text, len(text) - len(text.lstrip(" \t\r\n")))
    rest = text[end:].strip(" \t\r\n")
    assert rest == "", f"invalid character {rest[:1]!r} after top-level value"
    return value


def decode_all(text):
    """json.NewDecoder(file).Decode until the end of file."""
    values, at = [], 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n"))
        if at == len(text):
            return values
        value, at = _DECODER.raw_decode(text, at)
        values.append(value)


def unsigned(value):
    """A JSON number that goes into a uint64."""
    assert isinstance(value, int) and not isinstance(value, bool), f"{value!r} is no integer"
    assert 0 <= value < 1 << 64, f"{value} does not fit a uint64"
    return value
