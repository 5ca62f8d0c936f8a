/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/flow_id.h"

#include <string.h>

#define FLOW_ID_LETTERS (FLOW_ID_SIZE - 1)

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

void flow_id_text(uint64_t id, char text[FLOW_ID_SIZE])
{
	for (int i = 0; i < FLOW_ID_LETTERS - 1; i++)
		text[i] = alphabet[(id >> (59 - 5 * i)) & 31];
	/* 12 letters hold 60 bits; the last holds 4 and a zero. */
	text[FLOW_ID_LETTERS - 1] = alphabet[(id << 1) & 31];
	text[FLOW_ID_LETTERS] = '\0';
}

bool flow_id_parse(const char *text, uint64_t *id)
{
	uint64_t value = 0;
	unsigned digit = 0;

	if (strlen(text) != FLOW_ID_LETTERS)
		return false;
	for (int i = 0; i < FLOW_ID_LETTERS; i++) {
		const char *found = strchr(alphabet, text[i]);

		if (found == NULL)
			return false;
		digit = (unsigned)(found - alphabet);
		value = i < FLOW_ID_LETTERS - 1 ? value << 5 | digit : value << 4 | digit >> 1;
	}
	if (digit & 1)
		return false;
	*id = value;
	return true;
}
