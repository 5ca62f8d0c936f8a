# SPDX-License-Identifier: GPL-2.0-or-later
# The unit, the user it runs as, and the folders it wants.
EXTRA_DIST += %D%/tcpwarden-exporter.service.in %D%/tcpwardend.service.in %D%/sysusers.conf %D%/tmpfiles.conf

# Not in effect until somebody copies it beside the unit: tcpwardend(8).
dist_gateway_DATA += %D%/tcpwardend-inject.conf

if HAVE_SYSTEMD
units = %D%/tcpwarden-exporter.service %D%/tcpwardend.service
nodist_systemdsystemunit_DATA = $(units)
CLEANFILES += $(units)

$(units): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's|@sbindir[@]|$(sbindir)|' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
%D%/tcpwarden-exporter.service: %D%/tcpwarden-exporter.service.in
%D%/tcpwardend.service: %D%/tcpwardend.service.in

# Named after the package there, whatever they are called here.
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) $(srcdir)/%D%/sysusers.conf '$(DESTDIR)$(sysusersdir)/tcpwarden.conf'
	$(INSTALL_DATA) $(srcdir)/%D%/tmpfiles.conf '$(DESTDIR)$(tmpfilesdir)/tcpwarden.conf'

uninstall-hook:
	rm -f '$(DESTDIR)$(sysusersdir)/tcpwarden.conf' '$(DESTDIR)$(tmpfilesdir)/tcpwarden.conf'
endif
