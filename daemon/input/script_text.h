/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words and values of a scenario script. Every function that may fail says why in `error` (SCRIPT_ERROR_SIZE
 * bytes) and returns false. Used by the parser of scripts alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fills `error`; always false, so that a parser may return it. */
bool script_fail(char *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a terminal should not get becomes '?': a message quotes the file. */
void script_printable(char *message);

/* Whether this may name a flow: letters, digits, _ and -, short, no word of the grammar. */
bool script_name_fits(const char *name);

/* Cuts the next word off *rest (spaces and tabs separate). NULL: none is left. */
char *script_word(char **rest);

/* Decimal or 0x hexadecimal, least..most. name: of the field, for the message. */
bool script_number(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *value,
		   char *error);
/* "N", "N+M" or "+M": N and M of 32 bits. */
bool script_walk(const char *name, const char *text, uint32_t *base, uint32_t *step, char *error);
/* Seconds with an optional fraction of up to nine digits, ".5" too, as nanoseconds. */
bool script_seconds(const char *name, const char *text, uint64_t *ns, char *error);
/* Pairs of hexadecimal digits, at most `most` bytes. */
bool script_hex(const char *name, const char *text, uint8_t *bytes, size_t most, size_t *count, char *error);
/* 10.0.0.1:80 or [2001:db8::1]:80. address: IPv4 as IPv4-mapped; family 4 or 6. */
bool script_endpoint(const char *text, uint8_t address[16], uint16_t *port, uint8_t *family, char *error);
