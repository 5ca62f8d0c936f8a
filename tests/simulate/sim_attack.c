/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim_attack.h"

#include <string.h>

#include "base/units.h"
#include "sim.h"

static const char *const forgery_words[SIM_FORGERIES] = { "rst", "syn",  "synack", "fin",
							  "ack", "data", "sack",   "icmp" };
static const char *const mode_words[SIM_ATTACK_MODES] = { "none", "blind", "on-path", "pair" };
static const char *const effect_words[SIM_EFFECTS] = { "dropped", "nothing", "began", "opening", "reopening",
						       "reflected", "closing", "data", "longer", "shorter", "state" };

void sim_attack_begin(struct sim *sim, bool attack)
{
	struct sim_attack *a = &sim->attack;
	uint32_t die = sim_draw(&sim->random, 100);

	a->mode = SIM_ATTACK_NONE;
	a->answers = a->breach = a->syn_sent = false;
	a->bad_close[0] = a->bad_close[1] = false;
	if (!attack)
		return;
	a->mode = die < 60 ? SIM_ATTACK_BLIND : die < 85 ? SIM_ATTACK_ON_PATH : SIM_ATTACK_PAIR;
	a->side = (enum side)sim_draw(&sim->random, 2);
	a->left = 5 + sim_draw(&sim->random, 30);
	a->runs[a->mode]++;
	sim_clock_file(&sim->clock, sim_between(&sim->random, 0, NS_PER_S / 5), SIM_EVENT_FORGE, SIDE_CLIENT, 0);
}

/* A number that somebody may try who knows nothing. */
static uint32_t blind_number(struct sim_random *r)
{
	static const uint32_t special[] = { 0, 1, UINT32_MAX, UINT32_C(1) << 31 };

	return sim_chance(r, 200) ? special[sim_draw(r, 4)] : (uint32_t)sim_random_next(r);
}

/* At, before, behind what is known. */
static uint32_t near_number(struct sim_random *r, uint32_t known)
{
	static const uint32_t offsets[] = {
		0, 0, 0, 1, UINT32_MAX, 100, (uint32_t)-100, 1460, 20000, 70000, (uint32_t)-70000
	};

	return known + offsets[sim_draw(r, sizeof offsets / sizeof offsets[0])];
}

static void forge_options(struct sim_random *r, struct sim_segment *s, enum sim_forgery kind)
{
	if (kind == SIM_FORGE_SYN || kind == SIM_FORGE_SYNACK) {
		s->mss = 1460;
		s->scale = sim_chance(r, 500) ? (uint8_t)sim_draw(r, 15) : SIM_NO_SCALE;
		s->sack_permitted = sim_chance(r, 500);
	}
	if (sim_chance(r, 300)) {
		s->timestamps = true;
		s->tsval = (uint32_t)sim_random_next(r);
		s->tsecr = (uint32_t)sim_random_next(r);
	}
	if (kind == SIM_FORGE_SACK) {
		s->sacks = 1;
		s->sack[0].left = s->ack + 1 + sim_draw(r, 100000);
		s->sack[0].right = s->sack[0].left + 1 + sim_draw(r, 100000);
	}
}

static void forge(struct sim *sim, struct sim_segment *s, enum sim_forgery kind)
{
	static const uint16_t flags[SIM_FORGERIES] = {
		[SIM_FORGE_RST] = TCP_RST,	       [SIM_FORGE_SYN] = TCP_SYN,
		[SIM_FORGE_SYNACK] = TCP_SYN | TCP_ACK, [SIM_FORGE_FIN] = TCP_FIN | TCP_ACK,
		[SIM_FORGE_ACK] = TCP_ACK,	       [SIM_FORGE_DATA] = TCP_ACK,
		[SIM_FORGE_SACK] = TCP_ACK,	       [SIM_FORGE_ICMP] = 0,
	};
	static const uint8_t errors4[][2] = { { 3, 0 }, { 3, 1 },  { 3, 3 }, { 3, 10 },
					      { 3, 4 }, { 11, 0 }, { 4, 0 }, { 12, 0 } };
	static const uint8_t errors6[][2] = { { 1, 0 }, { 1, 1 }, { 1, 3 }, { 1, 4 },
					      { 2, 0 }, { 3, 0 }, { 3, 1 }, { 4, 0 } };
	struct sim_random *r = &sim->random;
	const struct sim_end *end = &sim->end[s->from];
	bool blind = sim->attack.mode == SIM_ATTACK_BLIND;
	const uint8_t *error = sim->at.family == 4 ? errors4[sim_draw(r, 8)] : errors6[sim_draw(r, 8)];

	s->flags = flags[kind];
	if (kind == SIM_FORGE_RST && sim_chance(r, 500))
		s->flags |= TCP_ACK;
	s->icmp = kind == SIM_FORGE_ICMP;
	s->icmp_type = error[0];
	s->icmp_code = error[1];
	s->icmp_mtu = error == errors4[4] || error == errors6[4] ? 68 + sim_draw(r, 9000) : 0;
	s->icmp_len = sim_draw(r, 1460);
	s->seq = blind ? blind_number(r) : near_number(r, s->icmp ? sim_peer(sim, end)->una : end->nxt);
	s->ack = !(s->flags & TCP_ACK) ? 0 : blind ? blind_number(r) : near_number(r, end->rcv);
	s->window = (uint16_t)sim_draw(r, 65536);
	if (kind == SIM_FORGE_DATA || (kind == SIM_FORGE_FIN && sim_chance(r, 300)))
		s->len = 1 + sim_draw(r, 1460);
	forge_options(r, s, kind);
}

/* A SYN, then the other side's answer, again and again. */
static enum sim_forgery forge_pair(struct sim *sim, struct sim_segment *s)
{
	struct sim_attack *a = &sim->attack;
	struct sim_random *r = &sim->random;
	bool refuses = sim_chance(r, 400);

	if (!a->answers) {
		s->flags = TCP_SYN;
		s->seq = blind_number(r);
		a->syn = *s;
	} else {
		s->from = a->syn.from == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
		s->flags = refuses ? TCP_RST | TCP_ACK : TCP_SYN | TCP_ACK;
		s->seq = refuses ? 0 : blind_number(r);
		s->ack = a->syn.seq + 1;
	}
	s->window = 65535;
	a->answers = !a->answers;
	return a->answers ? SIM_FORGE_SYN : refuses ? SIM_FORGE_RST : SIM_FORGE_SYNACK;
}

/* `piece` of a forged segment says what kind it is: nobody cuts it. */
void sim_attack_send(struct sim *sim)
{
	struct sim_attack *a = &sim->attack;
	struct sim_random *r = &sim->random;
	struct sim_segment s = {
		.from = (uint8_t)sim_draw(r, 2), .life = sim->lives, .scale = SIM_NO_SCALE, .forged = true
	};
	enum sim_forgery kind = (enum sim_forgery)sim_draw(r, SIM_FORGERIES);

	if (a->mode == SIM_ATTACK_BLIND)
		s.from = (uint8_t)a->side;
	if (a->mode == SIM_ATTACK_PAIR)
		kind = forge_pair(sim, &s);
	else
		forge(sim, &s, kind);
	s.piece = (uint16_t)kind;
	if (--a->left > 0) {
		uint64_t most = sim_chance(r, 700) ? 20 * NS_PER_MS : 4 * NS_PER_S;

		sim_clock_file(&sim->clock, sim->clock.now_ns + sim_between(r, 1000, most), SIM_EVENT_FORGE,
			       SIDE_CLIENT, 0);
	}
	sim_gateway_input(sim, &s);
}

static bool look(struct sim *sim, struct flow_record *record, uint64_t *left_ns)
{
	struct packet packet = { .kind = PACKET_TCP, .has_addresses = true, .family = sim->at.family,
				 .src_port = sim->at.client_port, .dst_port = sim->at.server_port };

	memcpy(packet.src, sim->at.client, 16);
	memcpy(packet.dst, sim->at.server, 16);
	return engine_find(sim->gateway->engine, &packet, sim->gateway->base_ns + sim->clock.now_ns, record, left_ns);
}

void sim_attack_before(struct sim *sim, const struct sim_segment *s)
{
	if (s->forged)
		sim->attack.found = look(sim, &sim->attack.record, &sim->attack.left_ns);
}

static bool changes_state(const struct flow_record *before, const struct flow_record *after)
{
	return before->phase != after->phase || before->close_reason != after->close_reason ||
	       before->half != after->half || before->conn_state != after->conn_state || before->id != after->id ||
	       before->started_ns != after->started_ns;
}

static bool counts_data(const struct flow_record *before, const struct flow_record *after)
{
	return before->end[0].bytes != after->end[0].bytes || before->end[1].bytes != after->end[1].bytes;
}

/* Not open yet; in SYN_RECV it is the forged SYN itself that was answered and can be taken back (H-41). */
static bool is_opening(const struct flow_record *record, bool syn)
{
	return record->phase == PHASE_SYN_SENT || record->phase == PHASE_SYN_SENT2 ||
	       (record->phase == PHASE_SYN_RECV && !syn);
}

/* F-2: a connection that rests prints SYN_SENT while a SYN pends on it; its record is the old one. */
static bool is_resting(const struct flow_record *record)
{
	return record->phase == PHASE_TIME_WAIT || record->phase == PHASE_CLOSED ||
	       (record->phase == PHASE_SYN_SENT && record->close_reason != CLOSE_NONE);
}

static enum sim_effect effect_of(struct sim *sim, const struct sim_segment *s)
{
	const struct sim_attack *a = &sim->attack;
	const struct flow_record *before = &a->record;
	struct flow_record after;
	uint64_t left_ns;
	bool found = look(sim, &after, &left_ns), syn = (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	bool opens = syn || ((s->flags & TCP_RST) && a->syn_sent);

	if (!a->found)
		return found ? SIM_EFFECT_BEGAN : SIM_EFFECT_NONE;
	if (!found)
		return SIM_EFFECT_STATE;
	if (!changes_state(before, &after) && left_ns == a->left_ns && !counts_data(before, &after))
		return SIM_EFFECT_NONE;
	if (opens && is_resting(before) && before->started_ns == after.started_ns)
		return SIM_EFFECT_REOPENING;
	if (opens && is_opening(before, syn))
		return SIM_EFFECT_OPENING;
	if ((s->flags & TCP_RST) && after.phase == PHASE_CLOSED &&
	    (before->phase == PHASE_CLOSING || before->phase == PHASE_LAST_ACK))
		return SIM_EFFECT_CLOSING;
	if (changes_state(before, &after))
		return SIM_EFFECT_STATE;
	if (left_ns < a->left_ns)
		return a->bad_close[side_other((enum side)s->from)] ? SIM_EFFECT_REFLECTED : SIM_EFFECT_SHORTER;
	if (counts_data(before, &after))
		return SIM_EFFECT_DATA;
	return left_ns > a->left_ns ? SIM_EFFECT_LONGER : SIM_EFFECT_NONE;
}

void sim_attack_after(struct sim *sim, const struct sim_segment *s, const struct decision *decision)
{
	struct sim_attack *a = &sim->attack;
	enum sim_effect effect;
	char text[256];

	if (!s->forged) {
		a->bad_close[s->from] |= decision->verdict == VERDICT_DROP && (s->flags & (TCP_FIN | TCP_RST));
		return;
	}
	effect = effect_of(sim, s);
	if (decision->verdict == VERDICT_DROP && effect == SIM_EFFECT_NONE)
		effect = SIM_EFFECT_DROPPED;
	a->syn_sent |= (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && decision->verdict == VERDICT_ACCEPT;
	a->count[a->mode][s->piece][effect]++;
	if (a->mode != SIM_ATTACK_BLIND || effect < SIM_EFFECT_LONGER)
		return;
	a->breach = true;
	sim_segment_text(s, text, sizeof text);
	sim_fail(sim, "a blind segment changed the flow (%s) in phase %s at %.9f s: %s", effect_words[effect],
		 phase_word((enum phase)a->record.phase), (double)sim->clock.now_ns / 1e9, text);
}

uint64_t sim_attack_sum(const struct sim_attack *attack, enum sim_attack_mode mode, enum sim_effect effect)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < SIM_FORGERIES; kind++)
		sum += attack->count[mode][kind][effect];
	return sum;
}

void sim_attack_table(const struct sim_attack *attack, FILE *out)
{
	for (int mode = SIM_ATTACK_BLIND; mode < SIM_ATTACK_MODES; mode++) {
		fprintf(out, "# %-8s", mode_words[mode]);
		for (int effect = 0; effect < SIM_EFFECTS; effect++)
			fprintf(out, " %10s", effect_words[effect]);
		fputc('\n', out);
		for (int kind = 0; kind < SIM_FORGERIES; kind++) {
			fprintf(out, "# %-8s", forgery_words[kind]);
			for (int effect = 0; effect < SIM_EFFECTS; effect++)
				fprintf(out, " %10llu", (unsigned long long)attack->count[mode][kind][effect]);
			fputc('\n', out);
		}
		fprintf(out, "# %s: %llu runs, %llu of them with another end; true segments dropped:", mode_words[mode],
			(unsigned long long)attack->runs[mode], (unsigned long long)attack->harmed[mode]);
		for (int i = 0; i < REASON_COUNT; i++)
			if (attack->dropped[mode][i] > 0)
				fprintf(out, " %s=%llu", reason_word((enum reason)i),
					(unsigned long long)attack->dropped[mode][i]);
		fprintf(out, "; without harm:");
		for (int i = 0; i < SIM_EXCUSES; i++)
			fprintf(out, " %s=%llu", sim_excuse_word((enum sim_excuse)i),
				(unsigned long long)attack->excused[mode][i]);
		fputc('\n', out);
	}
}
