/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/flow_fields.h"

#include <stddef.h>

#include "report/community_id.h"
#include "report/flow_id.h"

const char *flow_dir_word(unsigned dir)
{
	static const char *const words[] = { ">", "<", "-" };

	return words[dir <= SIDE_NONE ? dir : SIDE_NONE];
}

uint64_t flow_duration_us(const struct flow_record *flow)
{
	return flow->last_ns > flow->started_ns ? (flow->last_ns - flow->started_ns) / 1000 : 0;
}

void flow_fields_id(struct fields *fields, const char *key, uint64_t id)
{
	char word[FLOW_ID_SIZE];

	flow_id_text(id, word);
	fields_word(fields, key, id != 0 ? word : NULL);
}

void flow_fields_client(struct fields *fields, const char *key, const struct endpoints *at)
{
	fields_endpoint(fields, key, at->family != 0 ? at->client : NULL, at->client_port, true);
}

void flow_fields_server(struct fields *fields, const char *key, const struct endpoints *at)
{
	fields_endpoint(fields, key, at->family != 0 ? at->server : NULL, at->server_port, true);
}

void flow_fields_community_id(struct fields *fields, const char *key, const struct endpoints *at)
{
	char word[COMMUNITY_ID_SIZE] = "-";

	if (at->family != 0)
		community_id_text(at, word);
	fields_word(fields, key, word);
}

void flow_fields_pair(struct fields *fields, const char *key, uint64_t client, uint64_t server)
{
	const uint64_t number[2] = { client, server };
	const bool known[2] = { true, true };

	fields_pair(fields, key, number, known);
}

void flow_fields_us(struct fields *fields, const char *key, uint32_t us)
{
	fields_number_if(fields, key, us != UNKNOWN_US, us);
}
