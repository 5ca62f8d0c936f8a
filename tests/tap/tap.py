# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP for tests in Python: ok() a check, finish() the plan. (Those in namespaces have gateway.Tap.)"""

count = failed = 0


def ok(passed, name, why=""):
    global count, failed
    count += 1
    failed += not passed
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)
    if not passed and why:
        print("\n".join("# " + line for line in str(why).splitlines()), flush=True)


def finish():
    """The plan, last. For sys.exit()."""
    print(f"1..{count}")
    return 1 if failed else 0
