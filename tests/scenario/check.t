#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every scenario of this folder, under one plan.

replay=$(cd "${top_builddir:-.}" && pwd)/tcpwarden-replay
cd "${top_srcdir:-.}/tests/scenario" || exit 1
exec "$replay" --check *.seg
