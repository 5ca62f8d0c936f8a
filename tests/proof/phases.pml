/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The phase machine between two TCP ends, for spin: tests/proof/run.t.
 *
 *   end 0 ---- tracker ----> to[1] ----> end 1      the tracker judges each segment before the link
 *   end 1 ---- tracker ----> to[0] ----> end 0      loses, duplicates or reorders it
 *
 * Ends open actively, passively, both at once or not at all, send LEN bytes of data or none, close in any
 * order, abort, and retransmit, early or late. A forger may show the tracker an exact RST and a FIN beyond
 * a hole that never reach their target. Each end has its own numbers: SYN is 0, data 1, FIN 1 or 2; they
 * never wrap, windows are wide open and there is no time: the timers, W-1 to W-3, W-5 and shadow SYNs are
 * not in the model.
 *
 * Proven, for every order of events within the budgets:
 *   - no segment of an end that its target would take is dropped;
 *   - an end of the tracker only moves forward, but for the jump of C-3;
 *   - TIME_WAIT means that both ends have received the other one's FIN;
 *   - both ends come to their end, and the flow to TIME_WAIT or CLOSED, RSTs and FINs that were forged or not.
 */
#ifndef LOSSES
#define LOSSES 2
#endif
#ifndef COPIES
#define COPIES 1
#endif
#ifndef SWAPS
#define SWAPS 1
#endif
#ifndef EARLY			/* retransmissions before anything was lost */
#define EARLY 1
#endif
#ifndef ABORTS
#define ABORTS 1
#endif
#ifndef FORGED_RST
#define FORGED_RST 1
#endif
#ifndef FORGED_FIN
#define FORGED_FIN 1
#endif
#define LEN 1

/* What a wrong tracker would do instead, for tests/proof/run.t to see the proof fail. */
#ifdef ANY_ACK_ENDS_A_FIN
#define acks_fin(e) (ack > 0)
#else
#define acks_fin(e) (ack >= fin_next[e])
#endif
#ifdef NO_SIMULTANEOUS_OPEN
#define may_cross false
#else
#define may_cross true
#endif
#ifdef FIN_AGAIN_COUNTS_TWICE
#define fin_again(e) if :: has_fin[e] && tracked[e] == END_FIN_SENT -> tracked[e] = END_FIN_ACKED :: else fi
#else
#define fin_again(e) skip
#endif

#define S 1
#define A 2
#define F 4
#define R 8

chan to[2] = [2] of { byte, byte, byte, byte };	/* flags, seq, ack, len */

/* The two TCPs (RFC 9293), their states told by few words. */
#define IDLE 0			/* will open actively */
#define LISTEN 1
#define SYN_SENT 2
#define SYN_RECEIVED 3
#define SYNCHRONIZED 4		/* ESTABLISHED to LAST-ACK: see the flags */
#define TIME_WAIT 5
#define DEAD 6			/* CLOSED: answers with RST */
byte state[2], una[2], nxt[2], rcv[2], left[2];
bool fin_sent[2], fin_received[2], closed_last[2];

/* The tracker. */
#define END_NONE 0
#define END_SYN_SENT 1
#define END_OPEN 2
#define END_FIN_SENT 3
#define END_FIN_ACKED 4
#define NOBODY 2
byte tracked[2], sent[2], acked[2], contiguous[2], fin_next[2], client = NOBODY;
bool has_fin[2], closed, final, crossed;
bool spoke[2];			/* R-12: something new from it since the RST */
byte sent_then[2], acked_then[2];

byte losses = LOSSES, copies = COPIES, swaps = SWAPS, early = EARLY, aborts = ABORTS;
byte forged_rst = FORGED_RST, forged_fin = FORGED_FIN;

/* The segment on its way from an end to the tracker. */
#define NO_SEGMENT 0
byte flags = NO_SEGMENT, seq, ack, bytes, from, next;
bool forged, drop, update;
byte in_flags, in_seq, in_ack, in_len, in_next;	/* the one that arrives */

#define both_fins_acked (tracked[0] == END_FIN_ACKED && tracked[1] == END_FIN_ACKED)
/* FIN-WAIT-2 of an end whose peer has gone with its RST lost is for the host's own timer. */
#define is_orphan(e) (fin_sent[e] && una[e] == nxt[e] && state[1 - e] == DEAD)
#define is_over(e) (state[e] == TIME_WAIT || state[e] == DEAD || state[e] == LISTEN || is_orphan(e))
#define provisional(e) (contiguous[e] < fin_next[e] && acked[e] < fin_next[e])
#define peer (1 - from)

ltl comes_to_an_end { <> [] (is_over(0) && is_over(1) && (closed || both_fins_acked)) }

inline send(e, what, number, size)
{
	from = e;
	flags = what;
	seq = number;
	bytes = size;
	ack = (flags & A -> rcv[e] : 0)
}

/* The oldest unacknowledged thing again. */
inline retransmit(e)
{
	if
	:: state[e] == SYN_SENT -> send(e, S, 0, 0)
	:: state[e] == SYN_RECEIVED && una[e] == 0 -> send(e, S | A, 0, 0)
	:: state[e] == SYNCHRONIZED && una[e] + 1 == nxt[e] && fin_sent[e] -> send(e, F | A, una[e], 0)
	:: else -> send(e, A, una[e], 1)
	fi
}

/* What end e does with a segment in order of RFC 9293 3.10.7, its answer being sent. */
inline synchronized(e)
{
	if
	:: in_flags & R ->
		if
		:: in_seq == rcv[e] -> state[e] = DEAD
		:: else
		fi
	:: !(in_flags & R) && (in_flags & S || in_ack > nxt[e]) -> send(e, A, nxt[e], 0)
	:: else ->
		una[e] = (in_ack > una[e] -> in_ack : una[e]);
		if
		:: in_next > in_seq || in_seq < rcv[e] ->
			if
			:: in_seq <= rcv[e] && in_next > rcv[e] ->
				rcv[e] = in_next;
				fin_received[e] = (in_flags & F -> true : fin_received[e])
			:: else
			fi;
			send(e, A, nxt[e], 0)
		:: else
		fi;
		if
		:: state[e] == SYNCHRONIZED && fin_received[e] && fin_sent[e] && una[e] == nxt[e] ->
			state[e] = (closed_last[e] -> DEAD : TIME_WAIT)
		:: else
		fi
	fi
}

inline refuse(e)
{
	if
	:: in_flags & R
	:: !(in_flags & R) && in_flags & A -> send(e, R, in_ack, 0)
	:: else -> send(e, R | A, 0, 0); ack = in_next
	fi
}

inline receive(e)
{
	in_next = in_seq + in_len + (in_flags & S -> 1 : 0) + (in_flags & F -> 1 : 0);
	if
	:: state[e] == IDLE || state[e] == DEAD -> refuse(e)
	:: state[e] == LISTEN ->
		if
		:: in_flags == S ->
			state[e] = SYN_RECEIVED;
			rcv[e] = 1;
			nxt[e] = 1;
			send(e, S | A, 0, 0)
		:: else -> refuse(e)
		fi
	:: state[e] == SYN_SENT ->
		if
		:: in_flags == (S | A) && in_ack == 1 ->
			state[e] = SYNCHRONIZED;
			rcv[e] = 1;
			una[e] = 1;
			send(e, A, 1, 0)
		:: in_flags == S ->
			state[e] = SYN_RECEIVED;
			rcv[e] = 1;
			send(e, S | A, 0, 0)
		:: in_flags == (R | A) && in_ack == 1 -> state[e] = DEAD
		:: in_flags & A && !(in_flags & R) && in_ack != 1 -> send(e, R, in_ack, 0)
		:: else
		fi
	:: state[e] == SYN_RECEIVED ->
		if
		:: in_flags == S -> send(e, S | A, 0, 0)
		:: in_flags == R || in_flags == (R | A) ->
			state[e] = (in_seq == rcv[e] -> DEAD : SYN_RECEIVED)
		:: in_flags & A && !(in_flags & R) && in_ack >= 1 && in_ack <= nxt[e] ->
			state[e] = SYNCHRONIZED;
			una[e] = in_ack;
			synchronized(e)
		:: else
		fi
	:: state[e] == SYNCHRONIZED -> synchronized(e)
	:: state[e] == TIME_WAIT ->
		if
		:: !(in_flags & R) -> synchronized(e)		/* RFC 1337 */
		:: else
		fi
	fi
}

/* --- the tracker --- */

/* An end only moves forward. */
inline advance(e, value)
{
	assert(value > tracked[e]);
	tracked[e] = value
}

inline reset(is_final)
{
	closed = true;
	final = is_final;
	spoke[0] = false;
	spoke[1] = false;
	sent_then[0] = sent[0];
	sent_then[1] = sent[1];
	acked_then[0] = acked[0];
	acked_then[1] = acked[1]
}

/* R-3: what the target expects next, or the end of all that was sent. */
#define expected(e) (tracked[e] == END_SYN_SENT -> 1 : acked[e])
#define is_exact(e) (seq == expected(e) || seq == contiguous[e] || has_fin[e] && seq == fin_next[e])
#define both_closing (tracked[0] >= END_FIN_SENT && tracked[1] >= END_FIN_SENT)

/* H-16 to H-20, H-26, H-41 to H-43; R-2 to R-6, R-10. */
inline judge_rst()
{
	if
	:: closed ->					/* R-11; R-12: its sender is gone */
		if
		:: is_exact(from) && !(flags & A && ack > sent[peer]) ->
			spoke[from] = false;
			sent_then[from] = sent[from];
			acked_then[peer] = acked[peer]
		:: else
		fi
	:: !closed && (tracked[0] == END_NONE || tracked[1] == END_NONE) ->
		if
		:: from == client -> drop = (seq > 1)
		:: else -> drop = !(flags & A && ack == 1)
		fi;
		if
		:: !drop -> reset(true)
		:: else
		fi
	:: !closed && tracked[0] == END_SYN_SENT && tracked[1] == END_SYN_SENT ->
		if
		:: flags & A && ack == 1 || seq <= 1 -> reset(true)
		:: else -> drop = true
		fi
	:: else ->
		if
		:: flags & A && ack > sent[peer] -> drop = true
		:: else ->
			if
			:: both_fins_acked -> drop = (seq > contiguous[from] + 1)
			:: !both_fins_acked && is_exact(from) -> reset(false)
			:: else ->
				if
				:: (has_fin[0] || has_fin[1]) && seq <= contiguous[from] + 1 ->
					if
					:: both_closing -> reset(false)
					:: else			/* R-6: inexact */
					fi
				:: else -> drop = (seq < acked[from])
				fi
			fi
		fi
	fi
}

/* H-8 to H-12, H-21, H-22, H-25, H-28, H-29, H-35 to H-39, C-9. */
inline judge_syn()
{
	if
	:: tracked[from] == END_NONE && flags == S && may_cross ->
		advance(from, END_SYN_SENT);
		crossed = true;
		sent[from] = 1
	:: tracked[from] == END_NONE && !(flags == S && may_cross) ->
		if
		:: flags != S && ack == 1 && from != client -> advance(from, END_SYN_SENT); sent[from] = 1
		:: else -> drop = true
		fi
	:: tracked[from] != END_NONE && flags != S -> drop = (ack != 1 || from == client && !crossed)
	:: else
	fi;
	contiguous[from] = (contiguous[from] > 1 -> contiguous[from] : 1);
	if
	:: !drop && flags != S && tracked[peer] == END_SYN_SENT ->
		advance(peer, END_OPEN);
		acked[peer] = 1;
		early_fin(peer)
	:: else
	fi
}

/* F-4: a FIN ahead of the acknowledgement of its sender's SYN. */
inline early_fin(e)
{
	if
	:: has_fin[e] -> advance(e, (acked[e] >= fin_next[e] -> END_FIN_ACKED : END_FIN_SENT))
	:: else
	fi
}

/* H-14, H-15, H-24, H-30; W-4; C-3 to C-6. */
inline judge_segment()
{
	if
	:: tracked[from] == END_NONE || tracked[peer] == END_NONE -> drop = true
	:: else ->
		if
		:: ack > sent[peer] || tracked[peer] == END_SYN_SENT && ack < 1 -> drop = true
		:: else ->
			update = true;
			if
			:: has_fin[from] && next > fin_next[from] && !provisional(from) -> drop = true
			:: has_fin[from] && next > fin_next[from] && provisional(from) && next > seq ->
				has_fin[from] = false;		/* C-3: the jump */
				tracked[from] = (tracked[from] == END_FIN_SENT -> END_OPEN : tracked[from])
			:: has_fin[from] && flags & F && next < fin_next[from] ->
				if			/* C-4: the true one behind a forged one, or an older one */
				:: provisional(from) && seq <= contiguous[from] && next > contiguous[from] ->
					has_fin[from] = false;
					tracked[from] = (tracked[from] == END_FIN_SENT -> END_OPEN : tracked[from])
				:: else -> update = false
				fi
			:: else
			fi
		fi
	fi
}

/* R-12: whether this segment has something that was not known when the RST came. */
inline restore()
{
	spoke[from] = spoke[from] || next > sent_then[from] || ack > acked_then[peer];
	closed = !(spoke[0] && spoke[1] && !final)
}

/* W-10, C-1, C-2: the peer first. */
inline apply()
{
	acked[peer] = (ack > acked[peer] -> ack : acked[peer]);
	contiguous[peer] = (ack > contiguous[peer] -> ack : contiguous[peer]);
	sent[from] = (next > sent[from] -> next : sent[from]);
	contiguous[from] = (seq <= contiguous[from] && next > contiguous[from] -> next : contiguous[from]);
	if
	:: tracked[peer] == END_SYN_SENT -> advance(peer, END_OPEN); early_fin(peer)
	:: tracked[peer] == END_FIN_SENT && acks_fin(peer) -> advance(peer, END_FIN_ACKED)
	:: else
	fi;
	if
	:: flags & F && !has_fin[from] && next >= contiguous[from] ->
		has_fin[from] = true;
		fin_next[from] = next;
		if
		:: tracked[from] == END_OPEN -> advance(from, END_FIN_SENT)
		:: else
		fi
	:: flags & F && has_fin[from] -> fin_again(from)
	:: else
	fi;
	if
	:: closed -> restore()
	:: else
	fi
}

inline judge()
{
	next = seq + bytes + (flags & S -> 1 : 0) + (flags & F -> 1 : 0);
	drop = false;
	update = false;
	if
	:: client == NOBODY ->
		if
		:: flags == S ->
			client = from;
			advance(from, END_SYN_SENT);
			sent[from] = 1;
			contiguous[from] = 1
		:: else -> drop = true
		fi
	:: else ->
		if
		:: flags & R -> judge_rst()
		:: flags & S && !(flags & R) -> judge_syn()
		:: else ->
			judge_segment();
			if
			:: update && !drop -> apply()
			:: else
			fi
		fi
	fi;
	assert(!both_fins_acked || fin_received[0] && fin_received[1]);
	/* Dropped of what an end sent: only a RST that its target would not take. */
	assert(!drop || forged || flags & R && (state[peer] != SYNCHRONIZED || seq != rcv[peer]))
}

/* A link that is full loses the segment. What is of no use any more is forgotten: fewer states. */
inline pass_on()
{
	if
	:: flags != NO_SEGMENT ->
		judge();
		if
		:: !drop && !forged && len(to[peer]) < 2 -> to[peer]!flags,seq,ack,bytes
		:: else
		fi
	:: else
	fi;
	flags = NO_SEGMENT;
	forged = false;
	seq = 0; ack = 0; bytes = 0; from = 0; next = 0; drop = false; update = false;
	in_flags = 0; in_seq = 0; in_ack = 0; in_len = 0; in_next = 0
}

/* One thing that end e may do by itself. */
#define can_send(e) (state[e] == SYNCHRONIZED && !fin_sent[e] && left[e] > 0)
#define can_close(e) (!fin_sent[e] && (state[e] == SYNCHRONIZED || state[e] == SYN_RECEIVED))
#define unacked(e) (una[e] < nxt[e] && state[e] >= SYN_SENT && state[e] <= SYNCHRONIZED)
#define can_retransmit(e) (early > 0 && unacked(e))
#define can_abort(e) (aborts > 0 && (state[e] == SYNCHRONIZED || state[e] == SYN_RECEIVED))

inline close_end(e, size)
{
	send(e, F | A, nxt[e], size);
	nxt[e] = nxt[e] + size + 1;
	left[e] = 0;
	fin_sent[e] = true;
	closed_last[e] = fin_received[e]
}

inline end_acts(e)
{
	if
	:: state[e] == IDLE -> state[e] = SYN_SENT; nxt[e] = 1; send(e, S, 0, 0)
	:: can_send(e) -> send(e, A, nxt[e], LEN); nxt[e] = nxt[e] + LEN; left[e] = 0
	:: can_send(e) -> close_end(e, LEN)
	:: can_close(e) && (left[e] == 0 || state[e] == SYN_RECEIVED) -> close_end(e, 0)
	:: can_abort(e) -> aborts--; send(e, R | A, nxt[e], 0); state[e] = DEAD
	:: can_retransmit(e) -> early--; retransmit(e)
	fi
}

#define can_act(e) (state[e] == IDLE || can_send(e) || can_close(e) || can_abort(e) || can_retransmit(e))
#define is_open (tracked[0] >= END_OPEN && tracked[1] >= END_OPEN && !closed)

inline link_acts(e)
{
	if
	:: losses > 0 -> losses--; to[e]?_,_,_,_
	:: copies > 0 && len(to[e]) < 2 ->
		copies--;
		to[e]?<in_flags,in_seq,in_ack,in_len>;
		to[e]!in_flags,in_seq,in_ack,in_len
	:: swaps > 0 && len(to[e]) == 2 ->
		swaps--;
		to[e]?in_flags,in_seq,in_ack,in_len;
		to[e]!in_flags,in_seq,in_ack,in_len
	:: to[e]?in_flags,in_seq,in_ack,in_len -> receive(e)
	fi
}

init
{
	atomic {
		if
		:: state[1] = LISTEN
		:: state[1] = IDLE
		:: state[1] = DEAD
		fi;
		if
		:: left[0] = LEN
		:: left[0] = 0
		fi;
		if
		:: left[1] = LEN
		:: left[1] = 0
		fi
	};
end:	do
	:: atomic { can_act(0) -> end_acts(0); pass_on() }
	:: atomic { can_act(1) -> end_acts(1); pass_on() }
	:: atomic { nempty(to[0]) -> link_acts(0); pass_on() }
	:: atomic { nempty(to[1]) -> link_acts(1); pass_on() }
	:: atomic { forged_rst > 0 && is_open ->
		forged_rst--;
		if :: from = 0 :: from = 1 fi;
		forged = true; flags = R; seq = contiguous[from]; pass_on() }
	:: atomic { forged_fin > 0 && is_open ->
		forged_fin--;
		if :: from = 0 :: from = 1 fi;
		forged = true; flags = F | A; seq = contiguous[from] + 1; ack = acked[1 - from]; pass_on() }
	:: atomic { timeout && (unacked(0) || unacked(1)) ->
		if
		:: unacked(0) -> retransmit(0); pass_on()
		:: unacked(1) -> retransmit(1); pass_on()
		fi }
	od
}
