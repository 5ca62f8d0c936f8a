# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzz targets. With --enable-fuzzer libFuzzer drives them:
#   make fuzz FUZZ_SECONDS=300    each target for so long; what it finds new is kept in fuzz-found/, a crash beside it
# Without it make check replays tests/fuzz/corpus/<target>. A crash becomes a file there, named after what it showed;
# a corpus that grew is made small again by `TARGET -merge=1 -set_cover_merge=1 NEW-FOLDER OLD-FOLDERS...`.

fuzz_targets = \
	%D%/capture \
	%D%/config \
	%D%/decode \
	%D%/engine \
	%D%/options \
	%D%/script

EXTRA_DIST += %D%/corpus

fuzz_libraries = libhost.a libtcpwarden.a $(HOST_LIBS)

if FUZZER
noinst_PROGRAMS = $(fuzz_targets)
fuzz_driver =
else
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
fuzz_driver = %D%/replay_main.c
endif

%C%_capture_SOURCES = %D%/capture.c %D%/input.h %D%/memory_file.h $(fuzz_driver)
%C%_capture_LDADD = $(fuzz_libraries)
%C%_capture_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
%C%_config_SOURCES = %D%/config.c %D%/input.h %D%/leaks.h %D%/memory_file.h $(fuzz_driver)
%C%_config_LDADD = $(fuzz_libraries)
%C%_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
%C%_decode_SOURCES = %D%/decode.c %D%/input.h $(fuzz_driver)
%C%_decode_LDADD = $(fuzz_libraries)
%C%_decode_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
%C%_engine_SOURCES = \
	%D%/engine.c \
	%D%/input.h \
	%D%/invariants.c \
	%D%/invariants_pool.c \
	%D%/steps.c \
	%D%/world.c \
	%D%/world.h \
	$(fuzz_driver)
%C%_engine_LDADD = $(fuzz_libraries)
%C%_engine_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
%C%_options_SOURCES = %D%/options.c %D%/input.h $(fuzz_driver)
%C%_options_LDADD = $(fuzz_libraries)
%C%_options_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)
%C%_script_SOURCES = %D%/script.c %D%/input.h %D%/leaks.h $(fuzz_driver)
%C%_script_LDADD = $(fuzz_libraries)
%C%_script_LDFLAGS = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)

FUZZ_SECONDS = 60
.PHONY: fuzz
if FUZZER
fuzz: $(fuzz_targets)
	@for target in $(fuzz_targets); do name=`basename $$target`; $(MKDIR_P) fuzz-found/$$name || exit 1; \
		./$$target -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=30 -print_final_stats=1 \
			-artifact_prefix=fuzz-found/$$name- fuzz-found/$$name '$(srcdir)'/%D%/corpus/$$name || exit 1; \
	done
else
fuzz:
	@echo 'make fuzz needs libFuzzer: configure again with CC=clang --enable-fuzzer' >&2; exit 1
endif
