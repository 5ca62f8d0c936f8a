# SPDX-License-Identifier: GPL-2.0-or-later
# Two TCPs with the engine between them: make check runs 5,000 connections, make check-long a million.
check_PROGRAMS += %D%/simulate
%C%_simulate_LDADD = libhost.a libtcpwarden.a $(HOST_LIBS)
%C%_simulate_SOURCES = \
	%D%/sim.h \
	%D%/sim_app.c \
	%D%/sim_attack.c \
	%D%/sim_attack.h \
	%D%/sim_check.c \
	%D%/sim_check.h \
	%D%/sim_clock.c \
	%D%/sim_clock.h \
	%D%/sim_end.c \
	%D%/sim_end.h \
	%D%/sim_excuse.c \
	%D%/sim_excuse.h \
	%D%/sim_gateway.c \
	%D%/sim_gateway.h \
	%D%/sim_icmp.c \
	%D%/sim_icmp.h \
	%D%/sim_link.c \
	%D%/sim_link.h \
	%D%/sim_output.c \
	%D%/sim_plan.c \
	%D%/sim_plan.h \
	%D%/sim_random.h \
	%D%/sim_report.c \
	%D%/sim_report.h \
	%D%/sim_segment.c \
	%D%/sim_segment.h \
	%D%/sim_stream.c \
	%D%/sim_stream.h \
	%D%/sim_trace.c \
	%D%/sim_trace.h \
	%D%/sim_view.c \
	%D%/sim_view.h \
	%D%/sim_witness.c \
	%D%/sim_witness.h \
	%D%/simulate.c
