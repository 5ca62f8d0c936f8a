/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/community_id.h"

#include <sha1.h>
#include <string.h>

#include "base/bytes.h"

#define PROTOCOL_TCP 6

/* The ends in the order of the specification: the smaller address first, then the smaller port. */
static bool is_ordered(const struct endpoints *at)
{
	int order = memcmp(at->client, at->server, sizeof(at->client));

	return order < 0 || (order == 0 && at->client_port <= at->server_port);
}

/* RFC 4648 base 64 with padding. */
static void base64(const uint8_t *data, size_t size, char *text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		uint32_t group = (uint32_t)data[i] << 16;

		if (i + 1 < size)
			group |= (uint32_t)data[i + 1] << 8;
		if (i + 2 < size)
			group |= data[i + 2];
		*text++ = alphabet[group >> 18];
		*text++ = alphabet[group >> 12 & 63];
		*text++ = i + 1 < size ? alphabet[group >> 6 & 63] : '=';
		*text++ = i + 2 < size ? alphabet[group & 63] : '=';
	}
	*text = '\0';
}

void community_id_text(const struct endpoints *at, char text[COMMUNITY_ID_SIZE])
{
	bool ordered = is_ordered(at);
	const uint8_t *first = ordered ? at->client : at->server;
	const uint8_t *second = ordered ? at->server : at->client;
	size_t skip = at->family == 4 ? 12 : 0, size = 16 - skip;
	uint8_t message[2 + 2 * 16 + 2 + 4] = { 0 }; /* seed, addresses, protocol, padding, ports */
	uint8_t digest[SHA1_DIGEST_LENGTH];
	uint8_t *p = message + 2;
	SHA1_CTX sha1;

	memcpy(p, first + skip, size);
	memcpy(p + size, second + skip, size);
	p += 2 * size;
	*p = PROTOCOL_TCP;
	store_be16(p + 2, ordered ? at->client_port : at->server_port);
	store_be16(p + 4, ordered ? at->server_port : at->client_port);

	SHA1Init(&sha1);
	SHA1Update(&sha1, message, (size_t)(p + 6 - message));
	SHA1Final(digest, &sha1);
	memcpy(text, "1:", 2);
	base64(digest, sizeof(digest), text + 2);
}
