# SPDX-License-Identifier: GPL-2.0-or-later
"""A reader of Zeek's ASCII logs that takes nothing on trust: every value must be of the type that the log declares."""
import ipaddress
import re

CONN_STATES = frozenset("S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH".split())
HISTORY = re.compile(r"\^?[SHADFRCGTWIQshadfrcgtwiq^x]*")
HEADER = ("set_separator", "empty_field", "unset_field", "path", "fields", "types")


def _matching(pattern, convert=str):
    def read(word):
        if not re.fullmatch(pattern, word):
            raise ValueError("%r is not of the form %s" % (word, pattern))
        return convert(word)
    return read


def _port(word):
    number = _matching(r"\d{1,5}", int)(word)
    if number > 65535:
        raise ValueError("port %d" % number)
    return number


SCALARS = {"time": _matching(r"-?\d+\.\d{6}", float), "interval": _matching(r"\d+\.\d{6}", float),
           "count": _matching(r"\d+", int), "int": _matching(r"[+-]?\d+", int), "port": _port,
           "string": _matching(r"[^\t]+"), "enum": _matching(r"[A-Za-z_:]+"),
           "addr": lambda word: str(ipaddress.ip_address(word)), "bool": {"T": True, "F": False}.__getitem__}


class _Log:
    def __init__(self):
        self.head, self.rows = {}, []

    def line(self, line):
        assert "close" not in self.head, "a line behind #close: %r" % line
        if line.startswith("#separator "):
            assert not self.head and not self.rows, "#separator is not the first line"
            self.head["separator"] = line.split(" ", 1)[1].encode().decode("unicode_escape")
        elif line.startswith("#"):
            key, *words = line[1:].split(self.head["separator"])
            assert words and key not in self.head, "twice or without value: #%s" % key
            self.head[key] = words if key in ("fields", "types") else words[0]
        else:
            self.rows.append(self.row(line.split(self.head["separator"])))

    def row(self, words):
        fields, types = self.head["fields"], self.head["types"]
        assert len(words) == len(fields) == len(types), "%d words for %d fields" % (len(words), len(fields))
        return {field: self.value(kind, word) for field, kind, word in zip(fields, types, words)}

    def value(self, kind, word):
        if word == self.head["unset_field"]:
            return None
        several = re.fullmatch(r"(?:set|vector)\[(\w+)\]", kind)
        if not several:
            return SCALARS[kind](word)
        if word == self.head["empty_field"]:
            return []
        return [SCALARS[several.group(1)](one) for one in word.split(self.head["set_separator"])]


def read(text):
    """(header, rows): each row a dictionary of typed values, None where unset. Every oddity raises."""
    log = _Log()
    for line in text.splitlines():
        log.line(line)
    missing = [key for key in ("separator",) + HEADER if key not in log.head]
    assert not missing, "no #%s" % missing
    SCALARS["string"](log.head["path"])
    assert len(set(log.head["fields"])) == len(log.head["fields"]), "a field twice"
    assert re.fullmatch(r"\d{4}(-\d\d){5}", log.head["close"]), log.head["close"]
    return log.head, log.rows


def connections(text):
    """Rows of a conn.log, with the words that Zeek knows for them."""
    head, rows = read(text)
    assert head["path"] == "conn", head["path"]
    for row in rows:
        assert row["proto"] == "tcp" and row["uid"] and row["ts"] is not None, row
        assert row["conn_state"] in CONN_STATES, row["conn_state"]
        assert HISTORY.fullmatch(row["history"] or ""), row["history"]
    assert len({row["uid"] for row in rows}) == len(rows), "a uid twice"
    return rows
