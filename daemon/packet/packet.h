/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of one IP packet to numbers: addresses, the TCP segment in its normal form (N-1 to N-7), the segment
 * that an ICMP error quotes, and what the pre-checks (P-0 to P-10) found. Judges nothing: findings are a set of
 * reasons, the engine decides what they mean under the present policy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables/tables.h"

/* What the source of a packet knows about it besides its bytes. */
enum packet_mark {
	PACKET_MARK_GSO = 1 << 0,            /* the kernel marked an aggregate: length fields may lie (N-1) */
	PACKET_MARK_CSUM_NOT_READY = 1 << 1, /* the TCP checksum is not computed yet */
	PACKET_MARK_CAPTURE = 1 << 2,        /* from a capture file: a short copy is no fault of the packet (P-1) */
};

struct packet_bytes {
	const uint8_t *data; /* from the first byte of the IP header; not owned */
	size_t captured;     /* bytes at data */
	size_t length;       /* true length of the packet (NFQA_CAP_LEN), at least captured */
	unsigned marks;      /* enum packet_mark */
	uint16_t zone;       /* tracking.zone, 0 where zones are off */
};

enum packet_kind {
	PACKET_OTHER,      /* neither TCP nor an ICMP error about TCP (P-0), nothing else below is set */
	PACKET_SHORT,      /* the snaplen of a capture cut the TCP header: not judged (P-2) */
	PACKET_BAD,        /* does not parse: findings say why; addresses may be set (has_addresses) */
	PACKET_TCP,        /* segment is set */
	PACKET_ICMP_ERROR, /* quote is set */
};

/* TCP flags as they stand in the header; AE is the former NS bit. */
enum tcp_flag {
	TCP_FIN = 0x001,
	TCP_SYN = 0x002,
	TCP_RST = 0x004,
	TCP_PSH = 0x008,
	TCP_ACK = 0x010,
	TCP_URG = 0x020,
	TCP_ECE = 0x040,
	TCP_CWR = 0x080,
	TCP_AE = 0x100,
};

/* N-5: the kind that decides which rules apply; first match in this order. */
enum segment_kind { SEGMENT_RST, SEGMENT_SYNACK, SEGMENT_SYN, SEGMENT_FIN, SEGMENT_ACK, SEGMENT_NONE };

enum segment_option {
	OPTION_SEEN_MSS = 1 << 0,
	OPTION_SEEN_SCALE = 1 << 1,
	OPTION_SEEN_SACK_PERMITTED = 1 << 2,
	OPTION_SEEN_TIMESTAMP = 1 << 3,
	OPTION_SEEN_SACK = 1 << 4, /* at least one block whose right edge is after ack: sack is set (O-7) */
	OPTION_SEEN_FAST_OPEN = 1 << 5,
	OPTION_SEEN_MPTCP = 1 << 6,
	OPTION_SEEN_MD5 = 1 << 7,
	OPTION_SEEN_AO = 1 << 8,
	OPTION_SEEN_ACCECN = 1 << 9,
};

struct segment {
	uint32_t seq;
	uint32_t ack;      /* 0 where the ACK bit is clear (P-5: the field is ignored) */
	uint32_t len;      /* payload bytes, 0 on RST (N-2, N-4) */
	uint32_t next;     /* seq + len + SYN + FIN (N-3) */
	uint32_t sack;     /* highest SACK edge after ack, else ack (O-7); trust it only if SACK was agreed on */
	uint32_t tsval, tsecr; /* with OPTION_SEEN_TIMESTAMP */
	uint16_t window;   /* as on the wire, unscaled */
	uint16_t flags;    /* enum tcp_flag */
	uint16_t options;  /* enum segment_option */
	uint16_t mss;      /* with OPTION_SEEN_MSS */
	uint8_t scale;     /* with OPTION_SEEN_SCALE: 0..14 (O-3) */
	uint8_t kind;      /* enum segment_kind */
	uint8_t ttl;       /* TTL or hop limit of the packet */
};

/* An ICMP error that quotes a TCP segment (rules I). ICMPv6 is translated: see the kinds. */
enum icmp_kind {
	ICMP_HARD,       /* host, protocol or port unreachable, administratively prohibited (I-3, I-4) */
	ICMP_TOO_BIG,    /* fragmentation needed, packet too big (I-5) */
	ICMP_QUENCH,     /* source quench (I-6) */
	ICMP_SOFT,       /* everything else: time exceeded, parameter problem, redirects are no errors (I-7) */
};

struct icmp_quote {
	enum icmp_kind kind;
	uint32_t mtu;          /* ICMP_TOO_BIG: next-hop MTU as reported, 0 = not given */
	uint32_t quoted_length; /* as its own header says, bytes, with IP header; UINT32_MAX where that says 0 (N-1) */
	bool usable;           /* at least 8 bytes of TCP of a first fragment: the fields below are set (I-1) */
	bool to_sender;        /* the error travels to the quoted source address (I-1) */
	uint8_t src[16], dst[16]; /* of the quoted packet, as in struct packet */
	uint16_t src_port, dst_port;
	uint32_t seq;
};

struct packet {
	enum packet_kind kind;
	reason_set findings;   /* decode reasons that apply, and ws-range */
	bool fragment_fixed;   /* finding `fragment` is one that policy.fragment cannot pass (P-9) */
	bool has_addresses;
	uint8_t family;        /* 4 or 6 */
	uint16_t zone;         /* as given */
	uint8_t src[16], dst[16]; /* IPv4 as IPv4-mapped (::ffff:a.b.c.d) */
	uint16_t src_port, dst_port; /* host order */
	uint32_t length;       /* true IP length, bytes */
	struct segment segment;
	struct icmp_quote quote;
};

/*
 * Decodes one packet. Any bytes are fine; nothing outside bytes->data[0 .. captured) is read.
 * verify_checksum: P-3; the checksum is looked at only where the whole packet is at hand.
 */
void packet_decode(const struct packet_bytes *bytes, bool verify_checksum, struct packet *packet);

/* Flags in the order SFRPUAEC, "-" for none; `word` has room for 9 characters. */
void packet_flags_word(uint16_t flags, char word[9]);
