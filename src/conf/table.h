/* SPDX-License-Identifier: ISC */
/* The one table of settings: the parser, `postern check`, its dump and the
 * manual's list are made from it, or compared with it by a test. */
#pragma once

#include "conf/settings.h"

enum setting_type {
	SETTING_BOOL,     /* yes, no: bool */
	SETTING_NUMBER,   /* uint64_t */
	SETTING_SECONDS,  /* uint64_t */
	SETTING_MS,       /* uint64_t, milliseconds */
	SETTING_OCTETS,   /* uint64_t */
	SETTING_PERCENT,  /* uint64_t */
	SETTING_PATH,     /* slice: an absolute path */
	SETTING_HOST,     /* slice: a host or domain name, made lower case */
	SETTING_MAILBOX,  /* slice: a mail address, or a bare local part */
	SETTING_HOP,      /* slice: [ip]:port, [ip], name:port, name */
	SETTING_SERVER,   /* slice: ip, ip:port, [ip]:port */
	SETTING_CHOICE,   /* slice: one of `choices` */
	SETTING_CHOICES,  /* slice: some of `choices`, in any case */
	SETTING_TEXT,     /* slice: as another program wants it */
	SETTING_DOMAINS,  /* struct words: domain names, made lower case */
	SETTING_PATHS,    /* struct words: absolute paths or patterns */
	SETTING_NETWORKS, /* struct networks */
	SETTING_PORTS,    /* struct ports */
	SETTING_QUOTAS,   /* struct domain_quotas */
	SETTING_RATE,     /* struct rate */
	SETTING_LISTS,    /* struct dns_lists */
};

struct setting {
	const char *section;
	const char *key;
	enum setting_type type;
	size_t offset; /* in struct settings */
	/* of a number in its unit; of a slice or list: may it be empty (0)? */
	uint64_t min, max;
	const char *initial; /* as in the file; "": empty, or see help */
	const char *choices; /* SETTING_CHOICE, _CHOICES: words */
	const char *help;
};

extern const struct setting settings_table[];
extern const size_t settings_table_n;

/* Bytes of struct settings that a value of this type fills. */
size_t setting_bytes(enum setting_type type);
