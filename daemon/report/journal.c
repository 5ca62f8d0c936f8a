/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/journal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-journal.h>
#endif

#include "report/fields.h"
#include "report/line.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define NAME_SIZE      64 /* the journal takes no longer names */

static bool has_room(const struct journal_entry *entry)
{
	return entry->count < JOURNAL_FIELDS;
}

/* Ends the field that was appended to the text. */
static void close_field(struct journal_entry *entry)
{
	if (entry->text.truncated) {
		entry->text.len = entry->start[entry->count];
		entry->text.truncated = false;
		return;
	}
	entry->start[++entry->count] = entry->text.len;
}

static void add_number(struct journal_entry *entry, const char *name, long long number)
{
	if (!has_room(entry))
		return;
	text_fmt(&entry->text, "%s=%lld", name, number);
	close_field(entry);
}

static void add_word(struct journal_entry *entry, const char *name, const char *word)
{
	if (!has_room(entry))
		return;
	text_fmt(&entry->text, "%s=%s", name, word);
	close_field(entry);
}

/* client is split into CLIENT_IP and CLIENT_PORT. */
static void field_name(char name[NAME_SIZE], const char *key)
{
	bool is_address = strcmp(key, "client") == 0 || strcmp(key, "server") == 0;

	snprintf(name, NAME_SIZE, "TCPWARDEN_%s%s", key, is_address ? "_IP" : "");
	for (char *p = name; *p != '\0'; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
}

/* What is unknown has no field. */
static void add_value(struct journal_entry *entry, const char *key, const json_t *value)
{
	char name[NAME_SIZE];

	field_name(name, key);
	if (json_is_string(value))
		add_word(entry, name, json_string_value(value));
	else if (json_is_integer(value))
		add_number(entry, name, json_integer_value(value));
	else if (json_is_boolean(value))
		add_word(entry, name, json_is_true(value) ? "yes" : "no");
}

void journal_fill(struct journal_entry *entry, const struct event *event, const struct services *services,
		  int facility, int priority)
{
	struct fields fields;
	struct text nothing;
	char buffer[1];
	const char *key;
	json_t *value;

	text_init(&entry->text, entry->data, sizeof entry->data);
	entry->count = 0;
	entry->start[0] = 0;
	add_number(entry, "PRIORITY", priority);
	add_number(entry, "SYSLOG_FACILITY", facility >> 3);
	add_word(entry, "SYSLOG_IDENTIFIER", program_invocation_short_name);
	text_init(&nothing, buffer, sizeof buffer);
	fields_begin(&fields, &nothing, true);
	if (fields.object == NULL)
		return;
	report_fields(&fields, event, services);
	json_object_foreach(fields.object, key, value)
		add_value(entry, key, value);
	json_decref(fields.object);
}

#ifdef HAVE_SYSTEMD

bool journal_is_there(void)
{
	return access(JOURNAL_SOCKET, W_OK) == 0;
}

/* The library calls it a success where no journal listens. */
bool journal_send(const struct journal_entry *entry, const char *message)
{
	static const char message_key[] = "MESSAGE=";
	char line[REPORT_LINE_SIZE + sizeof message_key];
	struct iovec fields[JOURNAL_FIELDS + 1];

	for (unsigned i = 0; i < entry->count; i++)
		fields[i] = (struct iovec){ (char *)entry->data + entry->start[i],
					    entry->start[i + 1] - entry->start[i] };
	snprintf(line, sizeof line, "%s%s", message_key, message);
	fields[entry->count] = (struct iovec){ line, strlen(line) };
	return journal_is_there() && sd_journal_sendv(fields, (int)entry->count + 1) == 0;
}

#else

bool journal_is_there(void)
{
	return false;
}

bool journal_send(const struct journal_entry *entry, const char *message)
{
	(void)entry;
	(void)message;
	return false;
}

#endif
