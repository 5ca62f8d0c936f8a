/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The objects of an answer as text for people. Private to control/: for the client, and for top. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "control/request.h"

struct show {
	FILE *out;
	unsigned lines; /* shown so far */
	unsigned sources; /* likewise, of drops */
	int count;      /* arguments of the request */
	char **args;
};

typedef double show_rank(const json_t *object);

/* How the answers to a verb are shown. */
struct show_verb {
	void (*line)(struct show *show, const json_t *object);
	/* With an argument --sort=WORD: those that rank highest come first; NULL: there is no such order. */
	show_rank *(*rank)(const char *word);
};

const struct show_verb *show_verb(enum command command);

/* For the ways to show. */
const char *show_word(const json_t *object, const char *key);  /* "-": unknown */
json_int_t show_number(const json_t *object, const char *key); /* 0: unknown */
/* Any value as text, "-" where it is null or not there. */
void show_value(char *text, size_t size, const json_t *value);
/* A setting as the configuration has it. */
void show_setting(char *text, size_t size, const json_t *value);
/* ADDRESS:PORT of the keys KEY and KEY_port. */
void show_endpoint(char *text, size_t size, const json_t *object, const char *key);
/* 5 s, 3 m 12 s, 2 h 4 m, 3 d 1 h */
void show_time(char *text, size_t size, double seconds);

/* One file a family of verbs. */
void show_status(struct show *show, const json_t *object);
void show_flow_row(struct show *show, const json_t *object);
show_rank *show_flow_rank(const char *word);
void show_why(struct show *show, const json_t *object);
void show_drop(struct show *show, const json_t *object);
void show_text(struct show *show, const json_t *object);
void show_flow(struct show *show, const json_t *object);
void show_limit(struct show *show, const json_t *object);
void show_config(struct show *show, const json_t *object);
