/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/packet_reason.h"

#include "report/event_service.h"
#include "report/flow_id.h"

/* A lower bound before the first number is negative: the distance is what counts. */
static void print_bounds(struct text *out, const struct decision *decision, uint32_t isn)
{
	int64_t high = (uint32_t)(decision->allowed_high - isn);
	int64_t low = high - (uint32_t)(decision->allowed_high - decision->allowed_low);

	text_fmt(out, "%lld..%lld", (long long)low, (long long)high);
}

static void print_allowed(struct text *out, const struct packet *packet, const struct decision *decision,
			  struct packet_base base)
{
	const struct segment *segment = &packet->segment;

	switch (decision->allowed) {
	case ALLOWED_NOTHING:
		return;
	case ALLOWED_SEQ:
		text_fmt(out, ": seq %lu is not in ", (unsigned long)(uint32_t)(segment->seq - base.own));
		print_bounds(out, decision, base.own);
		return;
	case ALLOWED_ACK:
		text_fmt(out, ": ack %lu is not in ", (unsigned long)(uint32_t)(segment->ack - base.peer));
		print_bounds(out, decision, base.peer);
		return;
	case ALLOWED_NEXT:
		text_fmt(out, ": the segment ends at %lu, not in ",
			 (unsigned long)(uint32_t)(segment->next - base.own));
		print_bounds(out, decision, base.own);
		return;
	case ALLOWED_TS:
		text_fmt(out, ": timestamp %lu is not in ", (unsigned long)segment->tsval);
		print_bounds(out, decision, 0);
		return;
	case ALLOWED_RATE:
		text_fmt(out, ": allowed are %lu", (unsigned long)decision->allowed_high);
		return;
	}
}

static void print_setting(struct text *out, const struct packet *packet, const struct decision *decision,
			  const struct services *services)
{
	bool is_syn = packet->kind == PACKET_TCP && packet->segment.kind == SEGMENT_SYN;
	unsigned service = endpoints_service(services, &decision->at, !decision->has_flow && !is_syn);
	int option = service_option(services, service,
				    reason_setting(decision->reason, (enum limiter)decision->limiter));

	if (option < 0)
		return;
	text_str(out, " (");
	service_option_path(out, services, service, (enum option_id)option);
	text_char(out, ')');
}

void packet_reason_text(struct text *out, const struct packet *packet, const struct decision *decision,
			const struct services *services, struct packet_base base)
{
	if (decision->reason >= REASON_COUNT)
		return;
	text_str(out, reason_word(decision->reason));
	if (packet->kind == PACKET_TCP)
		print_allowed(out, packet, decision, base);
	print_setting(out, packet, decision, services);
}

void packet_comment_text(struct text *out, const struct packet *packet, const struct decision *decision,
			 const struct services *services)
{
	char id[FLOW_ID_SIZE];

	text_str(out, decision->would_drop ? "would-drop " : "drop ");
	packet_reason_text(out, packet, decision, services, (struct packet_base){ 0, 0 });
	if (!decision->has_flow)
		return;
	text_fmt(out, "; phase %s", phase_word(decision->phase));
	if (decision->flow_id == 0)
		return;
	flow_id_text(decision->flow_id, id);
	text_fmt(out, ", flow %s", id);
}
