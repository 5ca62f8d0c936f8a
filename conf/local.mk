# SPDX-License-Identifier: GPL-2.0-or-later
# Gateway rules. The strict nft form is the shipped one without queue bypass.
gatewaydir = $(datadir)/tcpwarden
dist_gateway_SCRIPTS = %D%/gateway-iptables.sh
dist_gateway_DATA = %D%/gateway.nft
nodist_gateway_DATA = %D%/gateway-strict.nft
CLEANFILES += %D%/gateway-strict.nft

%D%/gateway-strict.nft: %D%/gateway.nft
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed -e 's/ flags bypass//' $< >$@.tmp && mv $@.tmp $@

# The sample (every option at its default, as a comment) becomes the configuration where there is none.
EXTRA_DIST += %D%/tcpwardend.conf
install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(confdir)'
	test -e '$(DESTDIR)$(confdir)/tcpwardend.conf' || \
		$(INSTALL_DATA) $(srcdir)/%D%/tcpwardend.conf '$(DESTDIR)$(confdir)/tcpwardend.conf'
uninstall-local:
	if cmp -s $(srcdir)/%D%/tcpwardend.conf '$(DESTDIR)$(confdir)/tcpwardend.conf'; then \
		rm -f '$(DESTDIR)$(confdir)/tcpwardend.conf'; fi
