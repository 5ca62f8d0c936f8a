# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of the program under test: tcpwardend --dump=WORD."""

import os
import subprocess

DAEMON = os.path.join(os.environ.get("top_builddir", "."), "tcpwardend")


def rows(word):
    """A table without its heading: a list of fields for each row."""
    run = subprocess.run([DAEMON, "--dump=" + word], capture_output=True, text=True, timeout=60, check=True)
    return [line.split("\t") for line in run.stdout.splitlines()[1:]]


def words(word):
    """The first field of each row."""
    return {row[0] for row in rows(word)}
