/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "input/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/units.h"
#include "input/stream.h"

enum ether_type {
	ETHER_IP4 = 0x0800,
	ETHER_VLAN = 0x8100,
	ETHER_IP6 = 0x86dd,
	ETHER_VLAN_SERVICE = 0x88a8, /* 802.1ad */
	ETHER_VLAN_OLD = 0x9100,     /* stacked tags before 802.1ad */
};

enum {
	VLAN_SIZE = 4,    /* id, then the type of what follows */
	LOOP_SIZE = 4,
	LOOP_IP4 = 2,     /* AF_INET is 2 everywhere */
	ERROR_SIZE = 64 + PCAP_ERRBUF_SIZE,
};

/* What is left of a frame while headers are taken off its front. */
struct rest {
	const uint8_t *data;
	size_t captured; /* bytes at data */
	size_t length;   /* true length, at least captured */
};

static const char packed_badly[] = "the gzip data is cut off or damaged";

struct capture {
	struct stream *stream;
	pcap_t *pcap; /* reads the stream through a FILE of its own */
	const struct link_type *link;
	uint64_t frames; /* read so far */
	char error[ERROR_SIZE];
};

struct link_type {
	int number; /* DLT_*, as pcap_datalink() says it */
	/* Takes the link-layer header off `rest`. False: what follows is not IP. */
	bool (*strip)(struct rest *rest, uint16_t *vlan);
};

static bool take(struct rest *rest, size_t size)
{
	if (rest->captured < size)
		return false;
	rest->data += size;
	rest->captured -= size;
	rest->length -= size;
	return true;
}

static bool is_vlan(uint16_t type)
{
	return type == ETHER_VLAN || type == ETHER_VLAN_SERVICE || type == ETHER_VLAN_OLD;
}

/* Takes VLAN tags, any number of them. A tag with id 0 carries a priority and no VLAN. */
static bool strip_vlans(struct rest *rest, uint16_t type, uint16_t *vlan)
{
	while (is_vlan(type)) {
		if (rest->captured < VLAN_SIZE)
			return false;
		if (*vlan == 0)
			*vlan = load_be16(rest->data) & 0x0fff;
		type = load_be16(rest->data + 2);
		take(rest, VLAN_SIZE);
	}
	return type == ETHER_IP4 || type == ETHER_IP6;
}

/* A header of `size` bytes with the type of what follows at `at`. */
static bool strip_typed(struct rest *rest, size_t size, size_t at, uint16_t *vlan)
{
	const uint8_t *header = rest->data;

	return take(rest, size) && strip_vlans(rest, load_be16(header + at), vlan);
}

static bool strip_ethernet(struct rest *rest, uint16_t *vlan)
{
	return strip_typed(rest, 14, 12, vlan);
}

static bool strip_cooked(struct rest *rest, uint16_t *vlan)
{
	return strip_typed(rest, 16, 14, vlan);
}

static bool strip_cooked2(struct rest *rest, uint16_t *vlan)
{
	return strip_typed(rest, 20, 0, vlan);
}

/* BSD loopback: an address family in the byte order of the machine that captured, or in network order. */
static bool strip_loopback(struct rest *rest, uint16_t *vlan)
{
	static const uint32_t families[] = { LOOP_IP4, 10, 24, 28, 30 }; /* AF_INET6 differs by system */
	const uint8_t *header = rest->data;
	uint32_t family;

	(void)vlan;
	if (!take(rest, LOOP_SIZE))
		return false;
	family = load_be32(header);
	if (family > 0xffff)
		family = __builtin_bswap32(family);
	for (size_t n = 0; n < sizeof(families) / sizeof(families[0]); n++)
		if (families[n] == family)
			return true;
	return false;
}

static bool strip_nothing(struct rest *rest, uint16_t *vlan)
{
	(void)rest;
	(void)vlan;
	return true;
}

static const struct link_type link_types[] = {
	{ 0, strip_loopback },    /* BSD loopback, host order */
	{ 1, strip_ethernet },
	{ 12, strip_nothing },    /* raw IP: the number depends on the system */
	{ 14, strip_nothing },
	{ 101, strip_nothing },
	{ 108, strip_loopback },  /* BSD loopback, network order */
	{ 113, strip_cooked },    /* Linux cooked (SLL) */
	{ 228, strip_nothing },   /* raw IPv4 */
	{ 229, strip_nothing },   /* raw IPv6 */
	{ 276, strip_cooked2 },   /* Linux cooked, second form (SLL2) */
};

static const struct link_type *find_link_type(int number)
{
	for (size_t n = 0; n < sizeof(link_types) / sizeof(link_types[0]); n++)
		if (link_types[n].number == number)
			return &link_types[n];
	return NULL;
}

/* Reads the head of a capture. NULL: `error` says why, errno is EBADMSG where the file is no capture. */
static pcap_t *open_pcap(struct stream *stream, char *error, size_t size)
{
	char reason[PCAP_ERRBUF_SIZE] = "";
	FILE *file = stream_file(stream);
	pcap_t *pcap;

	if (!file) {
		snprintf(error, size, "%s", strerror(errno));
		return NULL;
	}
	pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!pcap) {
		snprintf(error, size, "%s", stream_is_damaged(stream) ? packed_badly : reason);
		fclose(file);
		errno = EBADMSG;
	}
	return pcap;
}

/*
 * With nanosecond precision tv_usec holds nanoseconds. A hostile file may say any time: from 1970 to 2262 all
 * differences fit in 64 bits.
 */
static uint64_t time_of(const struct pcap_pkthdr *header)
{
	const int64_t seconds = header->ts.tv_sec, most = INT64_MAX / (int64_t)NS_PER_S - 1;

	if (seconds < 0)
		return 0;
	if (seconds > most)
		return (uint64_t)most * NS_PER_S;
	return (uint64_t)seconds * NS_PER_S + (uint64_t)header->ts.tv_usec % NS_PER_S;
}

static void fill_frame(const struct capture *capture, const struct pcap_pkthdr *header, const uint8_t *data,
		       struct capture_frame *frame)
{
	struct rest rest = { .data = data, .captured = header->caplen, .length = header->len };

	if (rest.length < rest.captured)
		rest.length = rest.captured;
	memset(frame, 0, sizeof(*frame));
	frame->number = capture->frames;
	frame->time_ns = time_of(header);
	frame->is_ip = capture->link->strip(&rest, &frame->vlan);
	if (!frame->is_ip)
		return;
	frame->bytes.data = rest.data;
	frame->bytes.captured = rest.captured;
	frame->bytes.length = rest.length;
	frame->bytes.marks = PACKET_MARK_CAPTURE;
}

/* False: `error` says why, errno is set. */
static bool open_capture(struct capture *capture, const char *path, char *error, size_t size)
{
	int number;

	capture->stream = stream_open(path);
	if (!capture->stream) {
		snprintf(error, size, "%s", strerror(errno));
		return false;
	}
	capture->pcap = open_pcap(capture->stream, error, size);
	if (!capture->pcap)
		return false;
	number = pcap_datalink(capture->pcap);
	capture->link = find_link_type(number);
	if (!capture->link) {
		const char *name = pcap_datalink_val_to_name(number);

		snprintf(error, size, "link type %d (%s) is not supported", number, name ? name : "unknown");
		errno = EBADMSG;
	}
	return capture->link;
}

struct capture *capture_open(const char *path, char *error, size_t size)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	int reason;

	if (!capture) {
		snprintf(error, size, "out of memory");
		errno = ENOMEM;
		return NULL;
	}
	if (open_capture(capture, path, error, size))
		return capture;
	reason = errno;
	capture_close(capture);
	errno = reason;
	return NULL;
}

enum capture_result capture_next(struct capture *capture, struct capture_frame *frame)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;
	const int result = pcap_next_ex(capture->pcap, &header, &data);

	if (result == PCAP_ERROR_BREAK)
		return CAPTURE_END;
	if (result != 1) {
		snprintf(capture->error, sizeof(capture->error), "frame %llu: %s",
			 (unsigned long long)capture->frames + 1,
			 stream_is_damaged(capture->stream) ? packed_badly : pcap_geterr(capture->pcap));
		return CAPTURE_DAMAGED;
	}
	capture->frames++;
	fill_frame(capture, header, data, frame);
	return CAPTURE_FRAME;
}

const char *capture_error(const struct capture *capture)
{
	return capture->error;
}

uint64_t capture_offset(const struct capture *capture)
{
	return stream_offset(capture->stream);
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	stream_close(capture->stream);
	free(capture);
}
