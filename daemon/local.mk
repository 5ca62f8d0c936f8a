# SPDX-License-Identifier: GPL-2.0-or-later
# The core, what hosts it, and the programs.

EXTRA_DIST += %D%/LAYERS

# The core: no I/O, no clock, memory at start only (tests/lint/purity.t).
noinst_LIBRARIES += libtcpwarden.a
libtcpwarden_a_CFLAGS = $(AM_CFLAGS) -Wconversion
libtcpwarden_a_SOURCES = \
	%D%/base/bytes.h \
	%D%/base/gcra.h \
	%D%/base/histogram.c \
	%D%/base/histogram.h \
	%D%/base/siphash.c \
	%D%/base/siphash.h \
	%D%/base/text.c \
	%D%/base/text.h \
	%D%/base/units.h \
	%D%/engine/admit.c \
	%D%/engine/count.c \
	%D%/engine/describe.c \
	%D%/engine/detail.c \
	%D%/engine/engine.c \
	%D%/engine/engine.h \
	%D%/engine/event.h \
	%D%/engine/extras.c \
	%D%/engine/icmp.c \
	%D%/engine/lifecycle.c \
	%D%/engine/line_limit.c \
	%D%/engine/line_limit.h \
	%D%/engine/precheck.c \
	%D%/engine/record.c \
	%D%/engine/service.c \
	%D%/engine/state.h \
	%D%/engine/remarks.c \
	%D%/engine/tell.c \
	%D%/engine/track.c \
	%D%/engine/verdict.c \
	%D%/flow/clock.c \
	%D%/flow/clock.h \
	%D%/flow/evict.c \
	%D%/flow/evict.h \
	%D%/flow/key.c \
	%D%/flow/key.h \
	%D%/flow/table.c \
	%D%/flow/table.h \
	%D%/packet/checksum.c \
	%D%/packet/checksum.h \
	%D%/packet/decode.c \
	%D%/packet/icmp.c \
	%D%/packet/icmp.h \
	%D%/packet/ip.c \
	%D%/packet/ip.h \
	%D%/packet/packet.h \
	%D%/packet/tcp_header.c \
	%D%/packet/tcp_header.h \
	%D%/packet/tcp_options.c \
	%D%/packet/tcp_options.h \
	%D%/policy/admission.c \
	%D%/policy/ban.c \
	%D%/policy/ban.h \
	%D%/policy/buckets.c \
	%D%/policy/buckets.h \
	%D%/policy/challenge.c \
	%D%/policy/challenge.h \
	%D%/policy/first_syn.c \
	%D%/policy/first_syn.h \
	%D%/policy/flood.c \
	%D%/policy/flood.h \
	%D%/policy/floods.c \
	%D%/policy/floods.h \
	%D%/policy/gauges.c \
	%D%/policy/gauges.h \
	%D%/policy/limiting.h \
	%D%/policy/limits.c \
	%D%/policy/limits.h \
	%D%/policy/prefix.c \
	%D%/policy/prefix.h \
	%D%/policy/proven.c \
	%D%/policy/proven.h \
	%D%/policy/rows.c \
	%D%/policy/rows.h \
	%D%/policy/top.c \
	%D%/policy/top.h \
	%D%/policy/service.c \
	%D%/policy/service.h \
	%D%/tables/causes.def \
	%D%/tables/closes.def \
	%D%/tables/commands.c \
	%D%/tables/commands.def \
	%D%/tables/commands.h \
	%D%/tables/conn_states.def \
	%D%/tables/counters.def \
	%D%/tables/events.def \
	%D%/tables/metrics.def \
	%D%/tables/options.def \
	%D%/tables/phases.def \
	%D%/tables/reasons.def \
	%D%/tables/rules.def \
	%D%/tables/services.c \
	%D%/tables/services.h \
	%D%/tables/settings.c \
	%D%/tables/settings.h \
	%D%/tables/tables.c \
	%D%/tables/tables.h \
	%D%/tcp/apply.c \
	%D%/tcp/apply_open.c \
	%D%/tcp/apply_stream.c \
	%D%/tcp/applying.h \
	%D%/tcp/conn.h \
	%D%/tcp/end.h \
	%D%/tcp/history.c \
	%D%/tcp/history.h \
	%D%/tcp/icmp_error.c \
	%D%/tcp/judge.c \
	%D%/tcp/judge.h \
	%D%/tcp/judging.h \
	%D%/tcp/opening.c \
	%D%/tcp/phase.c \
	%D%/tcp/rst.c \
	%D%/tcp/seq.h \
	%D%/tcp/shadow.c \
	%D%/tcp/start.c \
	%D%/tcp/stream.c \
	%D%/tcp/timer.c \
	%D%/tcp/window.h

# Where packets come from and where events go.
noinst_LIBRARIES += libhost.a
libhost_a_CPPFLAGS = $(AM_CPPFLAGS) $(HOST_CFLAGS)
libhost_a_SOURCES = \
	%D%/config/ban_file.c \
	%D%/config/ban_file.h \
	%D%/config/config.h \
	%D%/config/context.h \
	%D%/config/describe.c \
	%D%/config/describe.h \
	%D%/config/errors.c \
	%D%/config/load.c \
	%D%/config/prefix.c \
	%D%/config/prefix.h \
	%D%/config/quantity.c \
	%D%/config/quantity.h \
	%D%/config/relations.c \
	%D%/config/reload.c \
	%D%/config/services.c \
	%D%/config/source.c \
	%D%/config/source.h \
	%D%/config/suggest.c \
	%D%/config/suggest.h \
	%D%/config/value.c \
	%D%/control/cause.c \
	%D%/control/cause.h \
	%D%/control/client.c \
	%D%/control/client.h \
	%D%/control/connection.c \
	%D%/control/connection.h \
	%D%/control/endpoint.c \
	%D%/control/endpoint.h \
	%D%/control/filter.c \
	%D%/control/filter.h \
	%D%/control/remedy.c \
	%D%/control/remedy.h \
	%D%/control/kept.c \
	%D%/control/kept.h \
	%D%/control/places.c \
	%D%/control/places.h \
	%D%/control/reply.c \
	%D%/control/reply.h \
	%D%/control/request.c \
	%D%/control/request.h \
	%D%/control/server.c \
	%D%/control/server.h \
	%D%/control/show.c \
	%D%/control/show.h \
	%D%/control/show_config.c \
	%D%/control/show_drops.c \
	%D%/control/show_flow.c \
	%D%/control/show_flows.c \
	%D%/control/show_limits.c \
	%D%/control/show_status.c \
	%D%/control/socket.c \
	%D%/control/socket.h \
	%D%/control/top_header.c \
	%D%/control/top_header.h \
	%D%/control/top_layout.c \
	%D%/control/top_layout.h \
	%D%/control/top_look.c \
	%D%/control/top_look.h \
	%D%/control/top_rates.c \
	%D%/control/top_rates.h \
	%D%/control/top_view.c \
	%D%/control/top_view.h \
	%D%/control/why.c \
	%D%/control/why.h \
	%D%/input/capture.c \
	%D%/input/capture.h \
	%D%/input/nfqueue.c \
	%D%/input/nfqueue.h \
	%D%/input/nfqueue_explain.c \
	%D%/input/nfqueue_explain.h \
	%D%/input/nfqueue_parse.c \
	%D%/input/nfqueue_parse.h \
	%D%/input/script.c \
	%D%/input/script.h \
	%D%/input/script_build.c \
	%D%/input/script_build.h \
	%D%/input/script_check.c \
	%D%/input/script_check.h \
	%D%/input/script_expect.c \
	%D%/input/script_fields.c \
	%D%/input/script_fields.h \
	%D%/input/script_file.c \
	%D%/input/script_options.c \
	%D%/input/script_play.c \
	%D%/input/script_play.h \
	%D%/input/script_text.c \
	%D%/input/script_text.h \
	%D%/input/stream.c \
	%D%/input/stream.h \
	%D%/log/log.c \
	%D%/log/log.h \
	%D%/report/address.c \
	%D%/report/address.h \
	%D%/report/community_id.c \
	%D%/report/community_id.h \
	%D%/report/diff.c \
	%D%/report/diff.h \
	%D%/report/drop_file.c \
	%D%/report/drop_file.h \
	%D%/report/eve.c \
	%D%/report/eve.h \
	%D%/report/event_service.c \
	%D%/report/event_service.h \
	%D%/report/fields.c \
	%D%/report/fields.h \
	%D%/report/flow_fields.c \
	%D%/report/flow_fields.h \
	%D%/report/flow_id.c \
	%D%/report/flow_id.h \
	%D%/report/flow_row.c \
	%D%/report/flow_row.h \
	%D%/report/header_record.c \
	%D%/report/header_record.h \
	%D%/report/isn_table.c \
	%D%/report/isn_table.h \
	%D%/report/journal.c \
	%D%/report/journal.h \
	%D%/report/ladder.c \
	%D%/report/ladder.h \
	%D%/report/ladder_draw.h \
	%D%/report/ladder_json.c \
	%D%/report/ladder_state.c \
	%D%/report/ladder_state.h \
	%D%/report/ladder_svg.c \
	%D%/report/ladder_text.c \
	%D%/report/ladder_words.c \
	%D%/report/line.c \
	%D%/report/line.h \
	%D%/report/line_keys.c \
	%D%/report/line_keys.h \
	%D%/report/logfmt.c \
	%D%/report/logfmt.h \
	%D%/report/metrics.c \
	%D%/report/metrics.h \
	%D%/report/output.c \
	%D%/report/output.h \
	%D%/report/packet_base.c \
	%D%/report/packet_base.h \
	%D%/report/packet_line.c \
	%D%/report/packet_line.h \
	%D%/report/packet_reason.c \
	%D%/report/packet_reason.h \
	%D%/report/pcapng.c \
	%D%/report/pcapng.h \
	%D%/report/summary.c \
	%D%/report/summary.h \
	%D%/report/syslog_socket.c \
	%D%/report/syslog_socket.h \
	%D%/report/timestamp.c \
	%D%/report/timestamp.h \
	%D%/report/top_text.c \
	%D%/report/top_text.h \
	%D%/report/zeek.c \
	%D%/report/zeek.h

# The daemon's threads and its place in the system.
noinst_LIBRARIES += libservice.a
libservice_a_CPPFLAGS = $(AM_CPPFLAGS) $(HOST_CFLAGS)
libservice_a_SOURCES = \
	%D%/service/advice.c \
	%D%/service/best.c \
	%D%/service/best.h \
	%D%/service/clock.h \
	%D%/service/collect.c \
	%D%/service/daemon.h \
	%D%/service/drop_queue.c \
	%D%/service/drop_queue.h \
	%D%/service/drop_writer.c \
	%D%/service/drop_writer.h \
	%D%/service/drop_ring.c \
	%D%/service/drop_ring.h \
	%D%/service/drop_sources.c \
	%D%/service/drop_sources.h \
	%D%/service/heartbeat.c \
	%D%/service/heartbeat.h \
	%D%/service/hints.c \
	%D%/service/hints.h \
	%D%/service/inject.c \
	%D%/service/inject.h \
	%D%/service/ipsec.c \
	%D%/service/ipsec.h \
	%D%/service/loop.c \
	%D%/service/mailbox.c \
	%D%/service/mailbox.h \
	%D%/service/memory.c \
	%D%/service/memory.h \
	%D%/service/notify.c \
	%D%/service/notify.h \
	%D%/service/pool.c \
	%D%/service/pool.h \
	%D%/service/privileges.c \
	%D%/service/privileges.h \
	%D%/service/rates.c \
	%D%/service/rates.h \
	%D%/service/reload.c \
	%D%/service/reporter.c \
	%D%/service/reporter.h \
	%D%/service/ring.c \
	%D%/service/ring.h \
	%D%/service/service.c \
	%D%/service/service.h \
	%D%/service/sink.c \
	%D%/service/sink.h \
	%D%/service/start.c \
	%D%/service/verb_config.c \
	%D%/service/verb_drops.c \
	%D%/service/verb_flows.c \
	%D%/service/verb_limits.c \
	%D%/service/verb_settings.c \
	%D%/service/verb_status.c \
	%D%/service/verb_top.c \
	%D%/service/verb_watch.c \
	%D%/service/verb_why.c \
	%D%/service/verbs.c \
	%D%/service/verbs.h \
	%D%/service/walk.c \
	%D%/service/walk.h \
	%D%/service/worker.c \
	%D%/service/worker.h

HOST_CFLAGS = $(NFQUEUE_CFLAGS) $(MNL_CFLAGS) $(CONFIG_CFLAGS) $(PCAP_CFLAGS) $(ZLIB_CFLAGS) $(JANSSON_CFLAGS) \
	$(CK_CFLAGS) $(CAPNG_CFLAGS) $(MD_CFLAGS) $(SYSTEMD_CFLAGS)
HOST_LIBS = $(NFQUEUE_LIBS) $(MNL_LIBS) $(CONFIG_LIBS) $(PCAP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) $(CK_LIBS) \
	$(CAPNG_LIBS) $(MD_LIBS) $(SYSTEMD_LIBS)

# What tcpwardend --dump prints; the sample configuration and the manuals' reference parts are made of it.
dump_sources = \
	daemon/main/dump.c \
	daemon/main/dump.h \
	daemon/main/dump_completion.c \
	daemon/main/dump_conf.c \
	daemon/main/dump_dot.c \
	daemon/main/dump_man.c \
	daemon/main/dump_parts.h

sbin_PROGRAMS += tcpwardend
tcpwardend_CPPFLAGS = $(AM_CPPFLAGS) $(HOST_CFLAGS)
tcpwardend_SOURCES = %D%/main/tcpwardend.c $(dump_sources)
tcpwardend_LDADD = libservice.a libhost.a libtcpwarden.a $(HOST_LIBS)

sbin_PROGRAMS += tcpwardenctl
tcpwardenctl_CPPFLAGS = $(AM_CPPFLAGS) $(HOST_CFLAGS) $(MICROHTTPD_CFLAGS) $(NCURSES_CFLAGS)
tcpwardenctl_SOURCES = \
	%D%/control/exporter.c \
	%D%/control/exporter.h \
	%D%/control/top.c \
	%D%/control/top.h \
	%D%/control/top_screen.h \
	%D%/main/tcpwardenctl.c
if HAVE_NCURSES
tcpwardenctl_SOURCES += %D%/control/top_draw.c %D%/control/top_keys.c %D%/control/top_screen.c
endif
tcpwardenctl_LDADD = libhost.a libtcpwarden.a $(JANSSON_LIBS) $(MICROHTTPD_LIBS) $(NCURSES_LIBS)

bin_PROGRAMS += tcpwarden-replay
tcpwarden_replay_CPPFLAGS = $(AM_CPPFLAGS) $(HOST_CFLAGS)
tcpwarden_replay_SOURCES = \
	%D%/main/replay.h \
	%D%/main/replay_check.c \
	%D%/main/replay_dropped.c \
	%D%/main/replay_dropped.h \
	%D%/main/replay_engine.c \
	%D%/main/replay_file.c \
	%D%/main/replay_output.c \
	%D%/main/replay_output.h \
	%D%/main/replay_writer.c \
	%D%/main/replay_writer.h \
	%D%/main/tcpwarden_replay.c
tcpwarden_replay_LDADD = libhost.a libtcpwarden.a $(HOST_LIBS)

include %D%/man/local.mk
