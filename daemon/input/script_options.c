/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_fields.h"

#include <string.h>

#include "base/bytes.h"
#include "input/script_text.h"

/* An option of `size` bytes at `bytes` joins the others. */
static bool option_add(struct script_segment *segment, const uint8_t *bytes, size_t size, char *error)
{
	if (segment->option_bytes + size > SCRIPT_OPTION_BYTES)
		return script_fail(error, "options are longer than %d bytes", SCRIPT_OPTION_BYTES);
	memcpy(segment->options + segment->option_bytes, bytes, size);
	segment->option_bytes = (uint8_t)(segment->option_bytes + size);
	return true;
}

static bool option_mss(const char *value, struct script_segment *segment, char *error)
{
	uint8_t bytes[4] = { 2, 4 };
	uint64_t number;

	if (!script_number("mss", value, 0, UINT16_MAX, &number, error))
		return false;
	store_be16(bytes + 2, (uint16_t)number);
	return option_add(segment, bytes, sizeof(bytes), error);
}

static bool option_scale(const char *value, struct script_segment *segment, char *error)
{
	uint8_t bytes[3] = { 3, 3 };
	uint64_t number;

	if (!script_number("ws", value, 0, UINT8_MAX, &number, error))
		return false;
	bytes[2] = (uint8_t)number;
	return option_add(segment, bytes, sizeof(bytes), error);
}

static bool option_sack_permitted(const char *value, struct script_segment *segment, char *error)
{
	static const uint8_t bytes[] = { 4, 2 };

	(void)value;
	return option_add(segment, bytes, sizeof(bytes), error);
}

static bool option_timestamps(const char *value, struct script_segment *segment, char *error)
{
	uint8_t bytes[10] = { 8, 10 };
	const char *slash = strchr(value, '/');
	uint64_t number;
	char first[24];

	if (slash == NULL || (size_t)(slash - value) >= sizeof(first))
		return script_fail(error, "ts='%s' is not VAL/ECR", value);
	memcpy(first, value, (size_t)(slash - value));
	first[slash - value] = '\0';
	if (!script_number("ts", first, 0, UINT32_MAX, &number, error))
		return false;
	store_be32(bytes + 2, (uint32_t)number);
	if (!script_number("ts", slash + 1, 0, UINT32_MAX, &number, error))
		return false;
	store_be32(bytes + 6, (uint32_t)number);
	return option_add(segment, bytes, sizeof(bytes), error);
}

/* One "L-R" of length `size` to 8 bytes. */
static bool sack_block(const char *text, size_t size, uint8_t *bytes, char *error)
{
	char block[32];
	char *dash;
	uint64_t left, right;

	if (size >= sizeof(block))
		return script_fail(error, "sack='%s' is not L-R[,L-R]", text);
	memcpy(block, text, size);
	block[size] = '\0';
	dash = strchr(block, '-');
	if (dash == NULL)
		return script_fail(error, "sack='%s' is not L-R[,L-R]", text);
	*dash = '\0';
	if (!script_number("sack", block, 0, UINT32_MAX, &left, error) ||
	    !script_number("sack", dash + 1, 0, UINT32_MAX, &right, error))
		return false;
	store_be32(bytes, (uint32_t)left);
	store_be32(bytes + 4, (uint32_t)right);
	return true;
}

static bool option_sack(const char *value, struct script_segment *segment, char *error)
{
	uint8_t bytes[SCRIPT_OPTION_BYTES] = { 5, 2 };

	for (;;) {
		size_t size = strcspn(value, ",");

		if ((size_t)bytes[1] + 8 > sizeof(bytes))
			return script_fail(error, "options are longer than %d bytes", SCRIPT_OPTION_BYTES);
		if (!sack_block(value, size, bytes + bytes[1], error))
			return false;
		bytes[1] = (uint8_t)(bytes[1] + 8);
		if (value[size] == '\0')
			return option_add(segment, bytes, bytes[1], error);
		value += size + 1;
	}
}

static bool option_fast_open(const char *value, struct script_segment *segment, char *error)
{
	uint8_t bytes[SCRIPT_OPTION_BYTES] = { 34, 2 };
	size_t size = 0;

	if (value != NULL && !script_hex("tfo", value, bytes + 2, sizeof(bytes) - 2, &size, error))
		return false;
	bytes[1] = (uint8_t)(2 + size);
	return option_add(segment, bytes, 2 + size, error);
}

static bool option_md5(const char *value, struct script_segment *segment, char *error)
{
	static const uint8_t bytes[18] = { 19, 18 };

	(void)value;
	return option_add(segment, bytes, sizeof(bytes), error);
}

/* MP_CAPABLE of version 1 as a SYN carries it (RFC 8684 3.1). */
static bool option_mptcp(const char *value, struct script_segment *segment, char *error)
{
	static const uint8_t bytes[] = { 30, 4, 0x01, 0x01 };

	(void)value;
	return option_add(segment, bytes, sizeof(bytes), error);
}

static bool option_raw(const char *value, struct script_segment *segment, char *error)
{
	uint8_t bytes[SCRIPT_OPTION_BYTES];
	size_t size;

	return script_hex("opt", value, bytes, sizeof(bytes), &size, error) &&
	       option_add(segment, bytes, size, error);
}

enum option_value { VALUE_NONE, VALUE_NEEDED, VALUE_MAY };

static const struct option {
	const char *word;
	enum option_value value;
	bool (*add)(const char *value, struct script_segment *segment, char *error);
} options[] = {
	{ "mss", VALUE_NEEDED, option_mss },
	{ "ws", VALUE_NEEDED, option_scale },
	{ "sackok", VALUE_NONE, option_sack_permitted },
	{ "ts", VALUE_NEEDED, option_timestamps },
	{ "sack", VALUE_NEEDED, option_sack },
	{ "tfo", VALUE_MAY, option_fast_open },
	{ "md5", VALUE_NONE, option_md5 },
	{ "mptcp", VALUE_NONE, option_mptcp },
	{ "opt", VALUE_NEEDED, option_raw },
};

bool script_parse_option(const char *word, const char *value, struct script_segment *segment, char *error)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i].word, word) != 0)
			continue;
		if (options[i].value == VALUE_NEEDED && value == NULL)
			return script_fail(error, "%s needs a value", word);
		if (options[i].value == VALUE_NONE && value != NULL)
			return script_fail(error, "%s takes no value", word);
		return options[i].add(value, segment, error);
	}
	return script_fail(error, "unknown field '%s'", word);
}
