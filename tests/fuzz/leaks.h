/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not ours: libconfig's scanner forgets a string that has no end. For targets that read settings. */
#pragma once

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig_yylex\nleak:strbuf_append\n";
}
