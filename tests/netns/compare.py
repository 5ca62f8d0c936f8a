# SPDX-License-Identifier: GPL-2.0-or-later
"""
The life of a connection as tcpwardend's events tell it beside conntrack's states. The two agree when
they are the same list by SAME; else each step more or less must be of a kind that
daemon/doc/differences.md lists.
"""
import functools
import os

import gateway as gw

DOCUMENT = os.path.join(gw.SOURCE, "daemon", "doc", "differences.md")

SAME = {"new": "SYN_SENT", "synack": "SYN_RECV", "established": "ESTABLISHED", "fin": "FIN_WAIT",
        "half-closed": "CLOSE_WAIT", "closing": "LAST_ACK", "last-ack": "LAST_ACK", "time-wait": "TIME_WAIT",
        "reset": "CLOSE"}

OPEN = ("established", "fin", "half-closed", "closing", "last-ack")
ENDED = ("time-wait", "reset")

# States that conntrack enters alone: (after our event, conntrack's state) -> kind.
ALONE = {("fin", "CLOSE_WAIT"): "any-ack",
         ("new", "SYN_SENT2"): "simultaneous-open",
         ("last-ack", "TIME_WAIT"): "any-ack",
         ("time-wait", "CLOSE"): "reset-in-time-wait",
         **{(ours, theirs): "fin-again" for ours in ("fin", "half-closed")
            for theirs in ("LAST_ACK", "TIME_WAIT")},
         **{(ours, "CLOSE"): "inexact-reset" for ours in OPEN},
         **{(ours, "SYN_SENT"): "syn-on-live" for ours in OPEN + ENDED}}


def alone(ours, theirs, before):
    """The kind of a state that conntrack enters alone, `before` being its state till then; None: no kind."""
    if before == "SYN_SENT" and theirs in ("CLOSE", "SYN_RECV") and ours in OPEN + ENDED:
        return "syn-on-live"
    if (before, theirs) in (("ESTABLISHED", "SYN_RECV"), ("SYN_RECV", "ESTABLISHED")) and ours in OPEN:
        return "syn-on-live"  # a SYN that it ignored, answered
    if before == "SYN_SENT2" and theirs == "SYN_RECV":
        return "simultaneous-open"
    return ALONE.get((ours, theirs))


def missed(ours, here, before, after):
    """The kind of an event of ours that conntrack has no state for between those two."""
    if ours == "last-ack" and here == "closing":
        return "closing"
    if ours == "reset" and here == "new" and after in (None, "SYN_SENT"):
        return "refused"
    if ours == "reset" and here == "established" and after is None:
        return "reset-kept"
    if SAME.get(ours) == before:
        return "fin-again"  # it was there already
    return "told-late" if after not in (None, "SYN_SENT") and ours in SAME else None


def explain(ours, theirs):
    """Kinds of difference between our events and conntrack's states, as few as will do; None: unexplained."""
    @functools.lru_cache(None)
    def best(i, j):
        if i == len(ours) and j == len(theirs):
            return ()
        here, before = ours[i - 1] if i else None, theirs[j - 1] if j else None
        after = theirs[j] if j < len(theirs) else None
        ways = []  # (the kind of this step if it is a difference, the rest)
        if i < len(ours) and after and SAME.get(ours[i]) == after:
            ways.append(((), best(i + 1, j + 1)))
        if before and after and (kind := alone(here, after, before)):
            ways.append(((kind,), best(i, j + 1)))
        if not before and ours[i:i + 1] == ("new",) and after == "SYN_SENT2":  # the second SYN was there already
            ways.append((("simultaneous-open",), best(i + 1, j + 1)))
        if before and i < len(ours):
            ignored = before == "CLOSE" and "restored" in ours[:i + 1]
            kind = "reset-ignored" if ignored else missed(ours[i], here, before, after)
            if kind:
                ways.append(((kind,), best(i + 1, j)))
        return min((kind + rest for kind, rest in ways if rest is not None), key=len, default=None)
    return best(0, 0)


def our_lives(daemon):
    """The events of each pair of endpoints in order, all its flows one behind the other."""
    found = {}
    for flow, lines in list(daemon.flows.items()):
        for line in lines:
            event = line["event"].replace("flow-", "", 1)
            if flow not in (None, "-") and line["event"].startswith("flow-") and event != "closed":
                found.setdefault((line["client"], line["server"]), []).append(event)
    return found


def documented():
    """The kinds that the document lists."""
    with open(DOCUMENT, encoding="utf-8") as text:
        rows = [[cell.strip() for cell in line.split("|")] for line in text if line.startswith("| ")]
    return {row[1] for row in rows} - {"kind", "---"}
