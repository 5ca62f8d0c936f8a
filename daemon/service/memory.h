/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Takes every page of what was allocated so far, all tables that a flood fills: it costs no memory then, and no page
 * fault. Before other threads exist (their stacks would be taken whole). A kernel that cannot (before 5.14) takes them
 * one by one as they are used.
 */
void memory_take(void);
