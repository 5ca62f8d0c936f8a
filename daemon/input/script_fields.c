/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/script_fields.h"

#include <string.h>

#include "input/script_text.h"

#define LENGTH_MOST 16777216 /* payload bytes of a segment */

enum field_type { FIELD_U8, FIELD_U16, FIELD_U32, FIELD_I32, FIELD_I64, FIELD_WALK, FIELD_FLAG };

struct field {
	const char *word;
	enum field_type type;
	uint64_t most;
	size_t offset; /* in the struct; FIELD_WALK: the step follows it */
};

#define SEGMENT(word, type, most, member) \
	{ word, FIELD_##type, most, offsetof(struct script_segment, member) }
#define QUOTE(word, type, most, member) \
	{ word, FIELD_##type, most, offsetof(struct script_icmp, member) }

_Static_assert(offsetof(struct script_segment, seq_step) == offsetof(struct script_segment, seq) + 4,
	       "FIELD_WALK");
_Static_assert(offsetof(struct script_segment, ack_step) == offsetof(struct script_segment, ack) + 4,
	       "FIELD_WALK");
_Static_assert(offsetof(struct script_icmp, seq_step) == offsetof(struct script_icmp, seq) + 4, "FIELD_WALK");

static const struct field segment_fields[] = {
	SEGMENT("seq", WALK, UINT32_MAX, seq),
	SEGMENT("ack", WALK, UINT32_MAX, ack),
	SEGMENT("len", U32, LENGTH_MOST, len),
	SEGMENT("win", U16, UINT16_MAX, window),
	SEGMENT("urp", U16, UINT16_MAX, urgent),
	SEGMENT("ttl", U8, UINT8_MAX, ttl),
	SEGMENT("res", U8, 15, reserved),
	SEGMENT("doff", I32, 15, doff),
	SEGMENT("ihl", I32, 15, ihl),
	SEGMENT("trunc", I64, LENGTH_MOST, truncate),
	SEGMENT("iplen", I64, UINT16_MAX, ip_length),
	SEGMENT("badsum", FLAG, 0, bad_checksum),
	SEGMENT("csum-not-ready", FLAG, 0, not_ready),
	SEGMENT("gso", FLAG, 0, gso),
	{ NULL, FIELD_FLAG, 0, 0 },
};

static const struct field quote_fields[] = {
	QUOTE("seq", WALK, UINT32_MAX, seq),
	QUOTE("len", U32, LENGTH_MOST, len),
	QUOTE("trunc", I64, UINT16_MAX, truncate),
	{ NULL, FIELD_FLAG, 0, 0 },
};

/* Splits "word=value". NULL: there is no '='. */
static char *value_of(char *word)
{
	char *equals = strchr(word, '=');

	if (equals == NULL)
		return NULL;
	*equals = '\0';
	return equals + 1;
}

static bool field_store(const struct field *field, const char *text, void *base, char *error)
{
	void *at = (uint8_t *)base + field->offset;
	uint64_t number = 0;

	if (field->type == FIELD_WALK)
		return script_walk(field->word, text, at, (uint32_t *)at + 1, error);
	if (field->type != FIELD_FLAG && !script_number(field->word, text, 0, field->most, &number, error))
		return false;
	switch (field->type) {
	case FIELD_U8:
		*(uint8_t *)at = (uint8_t)number;
		break;
	case FIELD_U16:
		*(uint16_t *)at = (uint16_t)number;
		break;
	case FIELD_U32:
		*(uint32_t *)at = (uint32_t)number;
		break;
	case FIELD_I32:
		*(int32_t *)at = (int32_t)number;
		break;
	case FIELD_I64:
		*(int64_t *)at = (int64_t)number;
		break;
	case FIELD_FLAG:
		*(bool *)at = true;
		break;
	case FIELD_WALK:
		break;
	}
	return true;
}

static const struct field *field_find(const struct field *fields, const char *word)
{
	for (; fields->word != NULL; fields++)
		if (strcmp(fields->word, word) == 0)
			return fields;
	return NULL;
}

/* One field of the table into *base; *seen has one bit a row of the table. */
static bool field_parse(const struct field *fields, const struct field *field, const char *value, void *base,
			uint32_t *seen, char *error)
{
	uint32_t bit = UINT32_C(1) << (field - fields);

	if (*seen & bit)
		return script_fail(error, "%s is given twice", field->word);
	*seen |= bit;
	if (field->type == FIELD_FLAG && value != NULL)
		return script_fail(error, "%s takes no value", field->word);
	if (field->type != FIELD_FLAG && value == NULL)
		return script_fail(error, "%s needs a value: %s=N", field->word, field->word);
	return field_store(field, value, base, error);
}

/* port=+N and addr=+N: how the client walks. *known: it was one of these. */
static bool step_parse(const char *word, const char *value, struct script_step *step, bool *known,
		       char *error)
{
	bool port = strcmp(word, "port") == 0;
	uint32_t base;

	*known = port || strcmp(word, "addr") == 0;
	if (!*known)
		return true;
	if (value == NULL || value[0] != '+')
		return script_fail(error, "%s needs a step: %s=+N", word, word);
	return script_walk(word, value, &base, port ? &step->port_step : &step->address_step, error);
}

/* frag=OFFSET[+] */
static bool fragment_parse(char *value, struct script_segment *segment, char *error)
{
	size_t length = value != NULL ? strlen(value) : 0;
	uint64_t number;

	if (length == 0)
		return script_fail(error, "frag needs a value: frag=OFFSET or frag=OFFSET+");
	if (segment->fragment >= 0)
		return script_fail(error, "frag is given twice");
	segment->more_fragments = value[length - 1] == '+';
	if (segment->more_fragments)
		value[length - 1] = '\0';
	if (!script_number("frag", value, 0, 0x1fff, &number, error))
		return false;
	segment->fragment = (int32_t)number;
	return true;
}

static bool flags_parse(const char *word, uint16_t *flags, char *error)
{
	static const char letters[] = "FSRPAUEC"; /* in the order of the bits */

	*flags = 0;
	if (strcmp(word, "-") == 0)
		return true;
	for (const char *p = word; *p != '\0'; p++) {
		const char *letter = strchr(letters, *p);

		if (letter == NULL)
			return script_fail(error, "'%s' are no flags (allowed: S A F R P U E C, - for none)",
					   word);
		if (*flags & (1U << (letter - letters)))
			return script_fail(error, "flag %c is given twice", *p);
		*flags = (uint16_t)(*flags | 1U << (letter - letters));
	}
	return true;
}

/* What one field alone cannot know. */
static bool segment_complete(const struct script_segment *segment, uint8_t family, char *error)
{
	uint64_t whole = 20 + ((segment->option_bytes + 3U) & ~3U) + (uint64_t)segment->len;

	if (segment->truncate >= 0 && (uint64_t)segment->truncate < whole)
		whole = (uint64_t)segment->truncate;
	whole += family == 4 ? 20U : segment->fragment >= 0 ? 8U : 0U;
	if (family == 6 && segment->ihl >= 0)
		return script_fail(error, "ihl is a field of IPv4, the flow is IPv6");
	if (whole > UINT16_MAX && segment->ip_length < 0 && !segment->gso)
		return script_fail(error, "longer than an IP packet can be (allowed: with gso or iplen=N)");
	return true;
}

static bool segment_parse(char *flags, char *rest, uint8_t family, struct script_step *step, char *error)
{
	struct script_segment *segment = &step->segment;
	uint32_t seen = 0;
	char *word;

	step->kind = SCRIPT_SEGMENT;
	*segment = (struct script_segment){ .window = UINT16_MAX,
					    .ttl = 64,
					    .doff = -1,
					    .ihl = -1,
					    .fragment = -1,
					    .truncate = -1,
					    .ip_length = -1 };
	if (!flags_parse(flags, &segment->flags, error))
		return false;
	while ((word = script_word(&rest)) != NULL) {
		char *value = value_of(word);
		const struct field *field = field_find(segment_fields, word);
		bool known;

		if (!step_parse(word, value, step, &known, error))
			return false;
		if (known)
			continue;
		if (strcmp(word, "frag") == 0)
			known = fragment_parse(value, segment, error);
		else if (field != NULL)
			known = field_parse(segment_fields, field, value, segment, &seen, error);
		else
			known = script_parse_option(word, value, segment, error);
		if (!known)
			return false;
	}
	return segment_complete(segment, family, error);
}

/* The words after `quote`: a direction and fields. */
static bool quote_parse(char *rest, struct script_step *step, char *error)
{
	char *word = script_word(&rest);
	uint32_t seen = 0;

	if (word == NULL || (strcmp(word, ">") != 0 && strcmp(word, "<") != 0))
		return script_fail(error, "quote needs the direction of the quoted segment: > or <");
	step->icmp.quoted_from = word[0] == '>' ? SIDE_CLIENT : SIDE_SERVER;
	while ((word = script_word(&rest)) != NULL) {
		char *value = value_of(word);
		const struct field *field = field_find(quote_fields, word);
		bool known;

		if (!step_parse(word, value, step, &known, error))
			return false;
		if (known)
			continue;
		if (field == NULL)
			return script_fail(error,
					   "unknown field '%s' of a quoted segment (allowed: seq len trunc)",
					   word);
		if (!field_parse(quote_fields, field, value, &step->icmp, &seen, error))
			return false;
	}
	if (!(seen & 1))
		return script_fail(error, "a quoted segment needs seq=N");
	return true;
}

static bool icmp_parse(char *rest, uint8_t family, struct script_step *step, char *error)
{
	char *type = script_word(&rest);
	char *code = script_word(&rest);
	char *word = script_word(&rest);
	uint64_t number;

	step->kind = SCRIPT_ICMP;
	step->icmp = (struct script_icmp){ .truncate = -1 };
	if (type == NULL || code == NULL)
		return script_fail(error, "icmp needs TYPE and CODE");
	if (!script_number("icmp type", type, 0, UINT8_MAX, &number, error))
		return false;
	step->icmp.type = (uint8_t)number;
	if (!script_number("icmp code", code, 0, UINT8_MAX, &number, error))
		return false;
	step->icmp.code = (uint8_t)number;
	if (word != NULL && strncmp(word, "mtu=", 4) == 0) {
		if (!script_number("mtu", word + 4, 0, family == 4 ? UINT16_MAX : UINT32_MAX, &number, error))
			return false;
		step->icmp.mtu = (uint32_t)number;
		word = script_word(&rest);
	}
	if (word == NULL || strcmp(word, "quote") != 0)
		return script_fail(error, "icmp TYPE CODE [mtu=N] goes on with quote, not '%s'",
				   word != NULL ? word : "");
	return quote_parse(rest, step, error);
}

bool script_parse_sent(char *rest, uint8_t family, struct script_step *step, char *error)
{
	char *word = script_word(&rest);

	if (word == NULL)
		return script_fail(error, "flags are missing (allowed: S A F R P U E C, - for none)");
	if (strcmp(word, "icmp") == 0)
		return icmp_parse(rest, family, step, error);
	return segment_parse(word, rest, family, step, error);
}
