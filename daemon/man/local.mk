# SPDX-License-Identifier: GPL-2.0-or-later
# The manuals: written by hand, their reference parts printed by the daemon.

manuals = \
	%D%/tcpwarden-replay.1 \
	%D%/tcpwardenctl.8 \
	%D%/tcpwardend.8 \
	%D%/tcpwardend.conf.5

EXTRA_DIST += $(manuals:=.in) %D%/insert.awk
CLEANFILES += $(manuals) %D%/reference
nodist_man_MANS = $(manuals)

%D%/reference: tcpwardend$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./tcpwardend$(EXEEXT) --dump=man >$@.tmp && mv $@.tmp $@

insert_reference = $(AM_V_GEN)LC_ALL=C $(AWK) -v confdir='$(confdir)' -v datadir='$(datadir)' \
	-f $(srcdir)/%D%/insert.awk %D%/reference $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@

$(manuals): %D%/reference %D%/insert.awk

%D%/tcpwarden-replay.1: %D%/tcpwarden-replay.1.in
	$(insert_reference)
%D%/tcpwardend.8: %D%/tcpwardend.8.in
	$(insert_reference)
%D%/tcpwardenctl.8: %D%/tcpwardenctl.8.in
	$(insert_reference)
%D%/tcpwardend.conf.5: %D%/tcpwardend.conf.5.in
	$(insert_reference)
