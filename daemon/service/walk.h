/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A slice of a walk through the flows, in the worker between two batches. */
#pragma once

#include "engine/engine.h"
#include "service/mailbox.h"

void walk_slice(struct mail_walk *walk, struct engine *engine, uint64_t now_ns);
