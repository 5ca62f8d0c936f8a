/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values about a flow that more than one kind of output prints. Inner header of report/.
 */
#pragma once

#include <stdint.h>

#include "engine/event.h"
#include "report/fields.h"

const char *flow_dir_word(unsigned dir); /* enum side of the sender: ">", "<", "-" */
/* First to last accepted segment. */
uint64_t flow_duration_us(const struct flow_record *flow);

void flow_fields_id(struct fields *fields, const char *key, uint64_t id); /* 0: unknown */
void flow_fields_client(struct fields *fields, const char *key, const struct endpoints *at);
void flow_fields_server(struct fields *fields, const char *key, const struct endpoints *at);
void flow_fields_community_id(struct fields *fields, const char *key, const struct endpoints *at);
/* A number that both ends have. */
void flow_fields_pair(struct fields *fields, const char *key, uint64_t client, uint64_t server);
/* A duration that may be UNKNOWN_US. */
void flow_fields_us(struct fields *fields, const char *key, uint32_t us);
