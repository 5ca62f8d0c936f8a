/* SPDX-License-Identifier: GPL-2.0-or-later */
/* services = ( { name = "web"; ports = (80, 443); source_rate = "50/s"; }, ... ); */
#include <string.h>

#include "base/text.h"
#include "config/context.h"
#include "config/describe.h"
#include "config/prefix.h"
#include "config/suggest.h"

#define PATH_SIZE   128 /* bytes of "services.NAME.KEY" */
#define WHY_SIZE    512
#define KEYS_SIZE   2048 /* bytes of all keys of a service */
#define PORT_MOST   65535
#define RESERVE_SUM 90 /* percent of the table that all services together may keep for themselves */

/* Keys of a service that are no options. */
static const char *const own_keys[] = { "name", "addresses", "ports", "reserve" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_syn_flood(enum option_id id)
{
	return strncmp(option_table[id].path, "syn_flood.", 10) == 0;
}

void config_option_path(const struct config_context *context, enum option_id id, struct text *path)
{
	if (context->service == NULL)
		text_str(path, option_table[id].path);
	else
		text_fmt(path, "services.%s.%s", context->service, service_key(id));
}

/* enum option_id of what a service calls `key`, whether it may set it or not; -1: none. */
static int find_option(const char *key)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if ((service_may_set((enum option_id)id) || is_syn_flood((enum option_id)id)) &&
		    strcmp(service_key((enum option_id)id), key) == 0)
			return id;
	return -1;
}

static void complain(struct config_context *context, const config_setting_t *at, const char *key, const char *what)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, "services.%s%s%s", context->service, key[0] != '\0' ? "." : "", key);
	config_complain(context, at, path, "%s", what);
}

static void complain_unknown(struct config_context *context, const config_setting_t *at, const char *key)
{
	const char *known[COUNT(own_keys) + OPTION_COUNT];
	char what[KEYS_SIZE];
	size_t count = 0;
	struct text out;

	for (size_t i = 0; i < COUNT(own_keys); i++)
		known[count++] = own_keys[i];
	for (int id = 0; id < OPTION_COUNT; id++)
		if (service_may_set((enum option_id)id))
			known[count++] = service_key((enum option_id)id);
	text_init(&out, what, sizeof what);
	text_str(&out, "unknown key of a service");
	suggest_word(&out, key, known, count);
	complain(context, at, key, what);
}

static bool read_name(struct config_context *context, const config_setting_t *group, struct service *service)
{
	const config_setting_t *at = config_setting_get_member(group, "name");
	const char *name = at != NULL ? config_setting_get_string(at) : NULL;

	if (name == NULL) {
		complain(context, at != NULL ? at : group, "name", "is missing (allowed: a string)");
		return false;
	}
	if (name[0] == '\0' || strlen(name) >= sizeof service->name ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(name)) {
		complain(context, at, "name", "is no name (allowed: up to 31 of a-z, 0-9, - and _)");
		return false;
	}
	for (unsigned i = 0; i < context->services->count; i++)
		if (strcmp(context->services->service[i].name, name) == 0) {
			complain(context, at, "name", "is the name of another service (allowed: each name once)");
			return false;
		}
	strcpy(service->name, name);
	return true;
}

/* A list of up to `most` elements. allowed: of what. */
static bool is_list(struct config_context *context, const config_setting_t *setting, const char *key, unsigned most,
		    const char *allowed)
{
	char what[WHY_SIZE];

	if (!config_setting_is_list(setting) && !config_setting_is_array(setting)) {
		snprintf(what, sizeof what, "is not a list (allowed: %s)", allowed);
		complain(context, setting, key, what);
		return false;
	}
	if (config_setting_length(setting) <= (int)most)
		return true;
	snprintf(what, sizeof what, "has %d elements (allowed: up to %u)", config_setting_length(setting), most);
	complain(context, setting, key, what);
	return false;
}

static void read_addresses(struct config_context *context, const config_setting_t *setting, struct service *service)
{
	char what_text[WHY_SIZE], allowed_text[WHY_SIZE / 2];
	struct text what, allowed;

	text_init(&allowed, allowed_text, sizeof allowed_text);
	describe_allowed(&allowed, &option_table[OPTION_syn_flood_allow]); /* prefixes there, prefixes here */
	if (!is_list(context, setting, "addresses", SERVICE_ADDRESSES_MAX, allowed_text))
		return;
	for (int i = 0; i < config_setting_length(setting); i++) {
		const char *text = config_setting_get_string_elem(setting, i);
		const char *wrong = text != NULL ? prefix_parse(text, &service->address[service->addresses]) :
						   "is not a string";

		if (wrong == NULL) {
			service->addresses++;
			continue;
		}
		text_init(&what, what_text, sizeof what_text);
		text_fmt(&what, "element %d: ", i + 1);
		if (text != NULL)
			text_fmt(&what, "\"%.64s\" ", text);
		text_fmt(&what, "%s (allowed: %s)", wrong, allowed_text);
		complain(context, setting, "addresses", what_text);
	}
}

/* 443 or "8000-8099". */
static bool read_port(const config_setting_t *element, struct port_range *range)
{
	const char *text = config_setting_get_string(element);
	long first, last;
	int end = 0;

	if (text == NULL) {
		if (config_setting_type(element) != CONFIG_TYPE_INT)
			return false;
		first = last = config_setting_get_int(element);
	} else if (strspn(text, "0123456789-") != strlen(text) ||
		   sscanf(text, "%5ld-%5ld%n", &first, &last, &end) != 2 || text[end] != '\0') {
		return false;
	}
	*range = (struct port_range){ (uint16_t)first, (uint16_t)last };
	return first >= 1 && first <= last && last <= PORT_MOST;
}

static void read_ports(struct config_context *context, const config_setting_t *setting, struct service *service)
{
	char what[WHY_SIZE];

	if (!is_list(context, setting, "ports", SERVICE_PORTS_MAX, "a list of ports, such as (80, \"8000-8099\")"))
		return;
	for (int i = 0; i < config_setting_length(setting); i++) {
		if (read_port(config_setting_get_elem(setting, (unsigned)i), &service->port[service->ports])) {
			service->ports++;
			continue;
		}
		snprintf(what, sizeof what, "element %d is no port (allowed: 1..65535, \"8000-8099\")", i + 1);
		complain(context, setting, "ports", what);
	}
}

static void read_reserve(struct config_context *context, const config_setting_t *setting, struct service *service)
{
	int64_t sum = 0;
	char what[WHY_SIZE];

	if (config_setting_type(setting) != CONFIG_TYPE_INT || config_setting_get_int(setting) < 0) {
		complain(context, setting, "reserve", "is no percentage (allowed: 0..90 %)");
		return;
	}
	service->reserve = config_setting_get_int(setting);
	for (unsigned i = 0; i < context->services->count; i++)
		sum += context->services->service[i].reserve;
	if (sum + service->reserve <= RESERVE_SUM)
		return;
	snprintf(what, sizeof what, "%lld is too much, %lld are reserved before (allowed: up to %d %% in all)",
		 (long long)service->reserve, (long long)sum, RESERVE_SUM);
	complain(context, setting, "reserve", what);
}

static void read_option(struct config_context *context, const config_setting_t *setting, struct service *service)
{
	const char *key = config_setting_name(setting);
	int id = find_option(key);

	if (id < 0) {
		complain_unknown(context, setting, key);
	} else if (!service_may_set((enum option_id)id)) {
		char what[WHY_SIZE];

		snprintf(what, sizeof what, "is the same for all services (allowed: %s)", option_table[id].path);
		complain(context, setting, key, what);
	} else {
		config_read_value(context, setting, (enum option_id)id);
		service->own[id] = true;
	}
}

static void read_member(struct config_context *context, const config_setting_t *setting, struct service *service)
{
	const char *key = config_setting_name(setting);

	if (strcmp(key, "name") == 0)
		return; /* read before all others */
	if (strcmp(key, "addresses") == 0)
		read_addresses(context, setting, service);
	else if (strcmp(key, "ports") == 0)
		read_ports(context, setting, service);
	else if (strcmp(key, "reserve") == 0)
		read_reserve(context, setting, service);
	else
		read_option(context, setting, service);
}

static void read_service(struct config_context *context, const config_setting_t *group, const char *number)
{
	struct service *service = &context->services->service[context->services->count];
	struct config_context one = *context;

	memset(service, 0, sizeof *service);
	memset(one.at, 0, sizeof one.at);
	memset(one.failed, 0, sizeof one.failed);
	service->settings = *context->settings;
	one.settings = &service->settings;
	service->line = context->origin == ORIGIN_FILE ? config_setting_source_line(group) : 0;
	one.service = number;
	one.own = service->own;
	if (!config_setting_is_group(group)) {
		complain(&one, group, "", "is not a service (allowed: { name = \"web\"; ... })");
		return;
	}
	if (read_name(&one, group, service))
		one.service = service->name;
	for (int i = 0; i < config_setting_length(group); i++)
		read_member(&one, config_setting_get_elem(group, (unsigned)i), service);
	config_check_orders(&one);
	context->services->count++;
}

void config_read_services(struct config_context *context, const config_setting_t *list)
{
	size_t before = context->errors->count;
	const char *text = config_setting_get_string(list);

	context->services->count = 0;
	if (!config_setting_is_list(list)) {
		config_complain(context, list, "services", "%s (allowed: ( { name = \"web\"; ... }, ... ))",
				text != NULL && text[0] == '(' ? "has a syntax error" : "is not a list");
		return;
	}
	if (config_setting_length(list) > SERVICES_MAX) {
		config_complain(context, list, "services", "has %d services (allowed: up to %d)",
				config_setting_length(list), SERVICES_MAX);
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		char number[16];

		snprintf(number, sizeof number, "%d", i + 1);
		read_service(context, config_setting_get_elem(list, (unsigned)i), number);
	}
	if (context->errors->count > before)
		context->services->count = 0;
}
