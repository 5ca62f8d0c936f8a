/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fuzzer's bytes read as small numbers; where they end everything is 0. Included by the targets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a target runs; libFuzzer or replay_main.c calls it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

static inline uint32_t fuzz_be32(struct fuzz_input *input)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value = value << 8 | fuzz_byte(input);
	return value;
}

/* 1, 2 or 4 bytes: 0xxxxxxx, 10xxxxxx x, 11xxxxxx x x x; at most 2^30 - 1. */
static inline uint32_t fuzz_number(struct fuzz_input *input)
{
	uint32_t value = fuzz_byte(input);

	if (value < 0x80)
		return value;
	if (value < 0xc0)
		return (value & 0x3f) << 8 | fuzz_byte(input);
	value &= 0x3f;
	for (int i = 0; i < 3; i++)
		value = value << 8 | fuzz_byte(input);
	return value;
}

/* A distance in one byte: -64 to 63 as they are, further ones are powers of two up to 2^31, or one less. */
static inline uint32_t fuzz_distance(uint8_t byte)
{
	int value = byte < 128 ? byte : byte - 256;
	uint32_t far;

	if (value >= -64 && value < 64)
		return (uint32_t)value;
	far = (uint32_t)(value < 0 ? -value - 1 : value) - 64;
	far = (UINT32_C(1) << far / 2) - far % 2;
	return value < 0 ? -far : far;
}

/* What must hold, also where NDEBUG is set: says which, with numbers by the caller, and ends the program. */
#define REQUIRE(condition, ...)                                                                 \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s: ", __FILE__, __LINE__, #condition); \
			fprintf(stderr, __VA_ARGS__);                                           \
			fputc('\n', stderr);                                                    \
			abort();                                                                \
		}                                                                               \
	} while (0)
