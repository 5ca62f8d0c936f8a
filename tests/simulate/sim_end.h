/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host with one TCP socket: small, but real enough that what it sends could come from any of the usual
 * systems. sim_end.c takes segments, sim_output.c sends them and keeps the timers, sim_app.c is the program
 * that uses the socket. It knows nothing of the gateway.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim_segment.h"

struct sim;

enum sim_state {
	SIM_CLOSED, /* no socket but, with `listening`, that of a server */
	SIM_SYN_SENT,
	SIM_SYN_RECEIVED,
	SIM_OPEN, /* from ESTABLISHED to LAST-ACK: what was sent and received of FINs says where */
	SIM_TIME_WAIT,
};

/* How a life ended. */
enum sim_outcome {
	SIM_NOT_YET,
	SIM_FINISHED,  /* both FINs sent, received, acknowledged */
	SIM_RESET,     /* by a RST of the other end */
	SIM_REFUSED,
	SIM_ABORTED,   /* by a RST of its own */
	SIM_GAVE_UP,   /* nobody answered */
	SIM_VANISHED,  /* rebooted */
};

enum sim_timer {
	SIM_TIMER_RETRANSMIT,
	SIM_TIMER_PERSIST,
	SIM_TIMER_ACK,
	SIM_TIMER_KEEPALIVE,
	SIM_TIMER_TIME_WAIT,
	SIM_TIMER_APP,
	SIM_TIMERS
};

#define SIM_NEVER UINT64_MAX

/* What kind of TCP it is: drawn once a host. */
struct sim_traits {
	uint16_t mss;
	uint8_t scale; /* offered, or SIM_NO_SCALE */
	bool sack, dsack, timestamps, ecn, fast_open;
	uint32_t buffer;          /* receive buffer, bytes */
	uint64_t ack_delay_ns;    /* 0: every segment is acknowledged */
	uint64_t rto_min_ns, time_wait_ns, keepalive_ns; /* keepalive 0: none */
	uint64_t tick_ns;         /* of its timestamps */
	uint32_t tick_base;
	unsigned retries;
	bool keepalive_byte;      /* a keepalive carries a byte */
	bool probe_byte;          /* a probe of a closed window carries the next byte; else it is an old number */
	bool shrinks;             /* takes back window it has granted */
	bool repacks;             /* retransmissions have other bounds than the first time */
	bool bare_reset;          /* a RST of its own will carries no ACK */
	bool reset_on_give_up;
	bool heeds_late_reset;    /* a RST ends TIME-WAIT (RFC 1337 tells why not) */
	bool reuses_time_wait;    /* opens again out of its own TIME-WAIT */
	bool cookies;             /* answers SYNs without memory */
	bool heeds_unreachable; /* gives up an opening that an error says to be in vain */
	bool random_isn;          /* else a new number is above those of the life before */
};

enum sim_finish {
	SIM_FINISH_CLOSE,      /* sends FIN after its data, reads on until the other's */
	SIM_FINISH_AFTER_PEER, /* sends FIN after its data and the other's FIN */
	SIM_FINISH_DEAF,       /* closes for both directions: a RST answers what comes later */
	SIM_FINISH_ABORT,
};

/* What the program does with a socket: drawn anew for each life. */
struct sim_app {
	uint32_t writes, chunk; /* bytes; written `chunk` at a time */
	uint64_t gap_ns;        /* between chunks */
	uint32_t pause_at;      /* after that many bytes it idles once for pause_ns */
	uint64_t pause_ns;
	uint32_t writes_after;  /* bytes read before the first is written */
	uint32_t stalls_at;     /* after that many bytes it reads nothing for stall_ns */
	uint64_t stall_ns;
	uint64_t linger_ns;     /* between its last byte and the end */
	enum sim_finish finish;
	uint32_t abort_at;      /* SIM_FINISH_ABORT: after that many bytes, both ways together */
	uint64_t patience_ns;   /* it aborts after that time */
};

#define SIM_RANGES 16

struct sim_end {
	struct sim_traits traits;
	struct sim_app app;
	enum side side;
	enum sim_state state;
	enum sim_outcome outcome; /* of the present or last life */
	uint32_t killer;          /* SIM_RESET, SIM_REFUSED: number of the RST's judgement */
	bool listening;
	uint32_t life;            /* number of the connection attempt */
	uint64_t life_ns;         /* when it began */
	uint32_t birth;           /* sockets it had so far */

	/* sending; FIN is the number behind the last byte written */
	uint32_t iss, una, nxt, top; /* top: behind the last byte that was written */
	uint32_t window, most_window, wl1, wl2;
	uint32_t cwnd, recover, again, again_end; /* again: next number to retransmit, below again_end */
	struct sim_sack sacked[SIM_RANGES];
	unsigned sacked_count, duplicates, tries;
	bool fin_queued, passive_close, in_recovery;
	uint64_t rto_ns, srtt_ns, rtt_from_ns;
	uint32_t rtt_seq;
	uint16_t mss;
	uint8_t send_scale, receive_scale;
	bool sack, timestamps, syn_had_data, simultaneous, may_send_early;

	/* receiving */
	uint32_t irs, rcv, edge, acked; /* edge: right edge granted, acked: last acknowledgement sent */
	struct sim_sack early[SIM_RANGES]; /* beyond a hole, ascending */
	unsigned early_count, acks_due;
	uint32_t newest; /* a number of the range that grew last */
	struct sim_sack twice; /* DSACK, empty: none */
	uint32_t fin_at;
	bool fin_known, fin_received, deaf;
	uint32_t ts_recent;
	uint64_t challenge_ns; /* earliest time of the next challenge ACK */

	/* program */
	uint32_t read, written;
	uint64_t write_ns, stall_until_ns, finish_ns;
	bool paused, stalled, finishing;

	uint64_t timer_ns[SIM_TIMERS];
	uint64_t scheduled_ns; /* the event that will look at the timers */
	unsigned keepalives;
};

/* A fresh host without a socket. traits are kept. */
void sim_end_reset(struct sim_end *end, enum side side);
/* sim_end.c: a socket that opens; the same again for the next life. */
void sim_end_open(struct sim *sim, struct sim_end *end, uint32_t life);
void sim_end_receive(struct sim *sim, struct sim_end *end, const struct sim_segment *s);
/* The socket is gone without a word. */
void sim_end_die(struct sim *sim, struct sim_end *end, enum sim_outcome outcome);
/* RFC 9293 3.10.7.1: the answer of a host without a socket. */
void sim_end_refuse(struct sim *sim, const struct sim_end *end, const struct sim_segment *s);
/* Bytes received in order, without SYN and FIN. */
uint32_t sim_end_delivered(const struct sim_end *end);

/* sim_output.c */
void sim_send(struct sim *sim, struct sim_end *end, uint16_t flags, uint32_t seq, uint32_t len);
void sim_send_ack(struct sim *sim, struct sim_end *end);
void sim_send_syn(struct sim *sim, struct sim_end *end);
void sim_abort(struct sim *sim, struct sim_end *end);
/* Sends what may be sent now. */
void sim_output(struct sim *sim, struct sim_end *end);
void sim_arm(struct sim *sim, struct sim_end *end, enum sim_timer timer, uint64_t in_ns);
void sim_disarm(struct sim_end *end, enum sim_timer timer);
/* Runs the timers that are due; files an event for the next. */
void sim_timers(struct sim *sim, struct sim_end *end);
void sim_schedule(struct sim *sim, struct sim_end *end);
uint32_t sim_timestamp(const struct sim *sim, const struct sim_end *end);
bool sim_fin_sent(const struct sim_end *end);

/* sim_app.c: after anything happened to the socket. */
void sim_app(struct sim *sim, struct sim_end *end);
