# SPDX-License-Identifier: GPL-2.0-or-later
# Every test speaks TAP: cmocka programs (tests/unit/<layer>/test_<thing>.c) and scripts (*.t).
#   make check                    unit tests, lint, tables, scenarios, captures the tests make themselves
#   make fuzz FUZZ_SECONDS=N      fuzz targets, with --enable-fuzzer: fuzz/local.mk
#   make check-netns              real traffic in namespaces, as root
#   make check-corpus CORPUS=DIR  captures of others, compared with what their README expects
#   make check-long               make check LONG_RUNS times over (20), a million simulated connections, then beside
#                                 conntrack, as root

unit_tests = \
	%D%/unit/base/test_bytes \
	%D%/unit/base/test_gcra \
	%D%/unit/base/test_histogram \
	%D%/unit/base/test_siphash \
	%D%/unit/base/test_text \
	%D%/unit/config/test_ban_file \
	%D%/unit/config/test_config \
	%D%/unit/config/test_services \
	%D%/unit/config/test_values \
	%D%/unit/control/test_filter \
	%D%/unit/control/test_kept \
	%D%/unit/control/test_places \
	%D%/unit/control/test_request \
	%D%/unit/control/test_server \
	%D%/unit/control/test_top \
	%D%/unit/control/test_why \
	%D%/unit/engine/test_challenge \
	%D%/unit/engine/test_connections \
	%D%/unit/engine/test_engine \
	%D%/unit/engine/test_flood_lines \
	%D%/unit/engine/test_internal \
	%D%/unit/engine/test_line_limit \
	%D%/unit/engine/test_random \
	%D%/unit/engine/test_record \
	%D%/unit/engine/test_remarks \
	%D%/unit/engine/test_services \
	%D%/unit/engine/test_source_lines \
	%D%/unit/flow/test_clock \
	%D%/unit/flow/test_evict \
	%D%/unit/flow/test_key \
	%D%/unit/flow/test_table \
	%D%/unit/input/test_capture \
	%D%/unit/input/test_nfqueue \
	%D%/unit/input/test_script \
	%D%/unit/input/test_script_build \
	%D%/unit/main/test_dump \
	%D%/unit/packet/test_decode \
	%D%/unit/packet/test_icmp \
	%D%/unit/packet/test_options \
	%D%/unit/policy/test_ban \
	%D%/unit/policy/test_buckets \
	%D%/unit/policy/test_challenge \
	%D%/unit/policy/test_first_syn \
	%D%/unit/policy/test_flood \
	%D%/unit/policy/test_floods \
	%D%/unit/policy/test_gauges \
	%D%/unit/policy/test_limit_actions \
	%D%/unit/policy/test_limits \
	%D%/unit/policy/test_prefix \
	%D%/unit/policy/test_proven \
	%D%/unit/policy/test_top \
	%D%/unit/report/test_address \
	%D%/unit/report/test_community_id \
	%D%/unit/report/test_drop_file \
	%D%/unit/report/test_eve \
	%D%/unit/report/test_event_service \
	%D%/unit/report/test_flow_id \
	%D%/unit/report/test_flow_row \
	%D%/unit/report/test_header_record \
	%D%/unit/report/test_isn_table \
	%D%/unit/report/test_journal \
	%D%/unit/report/test_line \
	%D%/unit/report/test_logfmt \
	%D%/unit/report/test_metrics \
	%D%/unit/report/test_output \
	%D%/unit/report/test_packet_line \
	%D%/unit/report/test_pcapng \
	%D%/unit/report/test_summary \
	%D%/unit/report/test_syslog_socket \
	%D%/unit/report/test_zeek \
	%D%/unit/service/test_best \
	%D%/unit/service/test_drop_ring \
	%D%/unit/service/test_drop_sources \
	%D%/unit/service/test_drop_writer \
	%D%/unit/service/test_heartbeat \
	%D%/unit/service/test_inject \
	%D%/unit/service/test_mailbox \
	%D%/unit/service/test_privileges \
	%D%/unit/service/test_reporter \
	%D%/unit/service/test_ring \
	%D%/unit/service/test_walk \
	%D%/unit/tables/test_options \
	%D%/unit/tables/test_words \
	%D%/unit/tcp/test_phase \
	%D%/unit/tcp/test_window

# Scripts of make check.
check_tests = \
	%D%/daemon/command.t \
	%D%/daemon/exporter.t \
	%D%/lint/completions.t \
	%D%/lint/dashboards.t \
	%D%/lint/differences.t \
	%D%/lint/layers.t \
	%D%/lint/manuals.t \
	%D%/lint/purity.t \
	%D%/lint/rules.t \
	%D%/lint/sample.t \
	%D%/lint/source.t \
	%D%/replay/captures.t \
	%D%/replay/check.t \
	%D%/replay/diff.t \
	%D%/replay/dropped.t \
	%D%/replay/examples.t \
	%D%/replay/ladder.t \
	%D%/replay/modes.t \
	%D%/replay/readers.t \
	%D%/replay/services.t \
	%D%/scenario/check.t \
	%D%/simulate/simulate.t

# Scripts of make check-netns.
netns_tests = \
	%D%/netns/control.t \
	%D%/netns/drops.t \
	%D%/netns/examples.t \
	%D%/netns/flood.t \
	%D%/netns/hints.t \
	%D%/netns/outputs.t \
	%D%/netns/rules.t \
	%D%/netns/service.t \
	%D%/netns/top.t \
	%D%/netns/traffic.t \
	%D%/netns/why.t \
	%D%/systemd/service.t

# Scripts of make check-long: traffic with random loss beside the kernel's conntrack, and of random applications, as
# root; the phase machine's proof; mutants of the tracker.
long_tests = %D%/netns/conntrack.t %D%/netns/random.t %D%/proof/run.t %D%/simulate/mutants.t

EXTRA_DIST += %D%/simulate/mutants.txt $(check_tests) $(netns_tests) $(long_tests) \
	%D%/bench/bench.py \
	%D%/bench/flood_bench.py \
	%D%/bench/instructions.sh \
	%D%/bench/listing_bench.py \
	%D%/bench/usage.py \
	%D%/corpus/check.t \
	%D%/corpus/drops.t \
	%D%/lint/alerts.yml \
	%D%/netns/compare.py \
	%D%/netns/crowd.py \
	%D%/netns/gateway.py \
	%D%/netns/kernel.py \
	%D%/netns/reasons.py \
	%D%/netns/wire.py \
	%D%/proof/phases.pml \
	%D%/systemd/rig.sh \
	%D%/tap/command.sh \
	%D%/tap/tables.py \
	%D%/tap/tap.py \
	%D%/tap/tap.sh \
	%D%/tap/zeek.py \
	%D%/unit/config/file.h \
	%D%/unit/engine/gateway.h \
	%D%/unit/flow/pool.h \
	%D%/unit/folder.h \
	%D%/unit/packet/sample.h \
	%D%/unit/policy/admission.h \
	%D%/unit/report/samples.h

check_PROGRAMS = $(unit_tests)
include %D%/simulate/local.mk
AM_DEFAULT_SOURCE_EXT = .c
LDADD = libservice.a libhost.a libtcpwarden.a $(HOST_LIBS) $(CMOCKA_LIBS)
tests_unit_main_test_dump_SOURCES = %D%/unit/main/test_dump.c $(dump_sources)

TESTS = $(unit_tests) $(check_tests)
TEST_EXTENSIONS = .t
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_DRIVER = $(LOG_DRIVER)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	NM='$(NM)'; export NM; \
	CC='$(CC)'; export CC; \
	HOST_LIBS='$(HOST_LIBS)'; export HOST_LIBS; \
	PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE; \
	CORPUS='$(CORPUS)'; export CORPUS;

if !HAVE_CMOCKA
check-local:
	@echo 'make check needs cmocka (Debian: apt-get install libcmocka-dev), then configure again' >&2; exit 1
endif

# One at a time: these tests share two cores with the traffic they make.
.PHONY: check-netns
check-netns: all
	$(MAKE) $(AM_MAKEFLAGS) -j1 check-TESTS TESTS='$(netns_tests)' TEST_SUITE_LOG=check-netns.log

.PHONY: check-corpus
check-corpus: all
	@test -n '$(CORPUS)' || { echo 'say where the captures are: make check-corpus CORPUS=DIR' >&2; exit 1; }
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS='%D%/corpus/check.t %D%/corpus/drops.t' \
		TEST_SUITE_LOG=check-corpus.log

LONG_RUNS = 20
.PHONY: check-long
check-long: check
	@run=1; while test $$run -lt $(LONG_RUNS); do run=$$((run + 1)); echo "run $$run of $(LONG_RUNS)"; \
		$(MAKE) $(AM_MAKEFLAGS) check-TESTS || exit 1; done
	SIMULATE_RUNS=1000000 $(MAKE) $(AM_MAKEFLAGS) -j1 check-TESTS TESTS='%D%/simulate/simulate.t $(long_tests)' \
		TEST_SUITE_LOG=check-long.log

CLEANFILES += check-netns.log check-corpus.log check-long.log

# Measured by hand, built by every make check.
#   make bench        what the engine alone costs a packet, then tcpwardend beside an accept-all queue on the namespace
#                     gateway, as root; BENCH_FLAGS as bench.py --help says
#   make bench-flood  floods beside legitimate clients, by each means of defence, as root; BENCH_FLAGS as flood_bench.py
#                     --help says: --quick shows in a minute that all works
#   make bench-listing  tcpwardenctl flows with a million in the table, while packets pass, as root; BENCH_FLAGS as
#                     listing_bench.py --help says
#   make bench-instructions  instructions a packet of each stage of the engine, by valgrind
bench_programs = \
	%D%/bench/accept_all \
	%D%/bench/attack \
	%D%/bench/clients \
	%D%/bench/engine \
	%D%/bench/flood \
	%D%/bench/server
check_PROGRAMS += $(bench_programs)
%C%_bench_accept_all_LDADD = $(NFQUEUE_LIBS) $(MNL_LIBS)
%C%_bench_attack_SOURCES = %D%/bench/attack.c %D%/bench/frames.c %D%/bench/frames.h
%C%_bench_attack_LDADD =
%C%_bench_clients_SOURCES = %D%/bench/clients.c %D%/bench/frames.c
%C%_bench_clients_LDADD =
%C%_bench_engine_LDADD = libtcpwarden.a -lm
%C%_bench_flood_SOURCES = %D%/bench/flood.c %D%/bench/frames.c
%C%_bench_flood_LDADD =
%C%_bench_server_SOURCES = %D%/bench/server.c %D%/bench/frames.c
%C%_bench_server_LDADD =

.PHONY: bench bench-flood bench-instructions bench-listing
bench: all $(bench_programs)
	tests/bench/engine | tail -n 1
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/bench/bench.py $(BENCH_FLAGS)

bench-flood: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/bench/flood_bench.py $(BENCH_FLAGS)

bench-listing: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/%D%/bench/listing_bench.py $(BENCH_FLAGS)

bench-instructions: all $(bench_programs)
	$(AM_TESTS_ENVIRONMENT) $(SHELL) $(srcdir)/%D%/bench/instructions.sh

include %D%/fuzz/local.mk
