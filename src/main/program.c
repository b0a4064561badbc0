/* SPDX-License-Identifier: ISC */
/* See program.h. */
#include "main/program.h"

#include <signal.h>
#include <sys/stat.h>
#include <syslog.h>

#include "config.h"
#include "main/manager_module.h"
#include "main/sink.h"

#define SETTINGS_MAX (1U << 20)

static const struct log_kind configuration_bad = {
	.id = "2f0b5c1d7f4e4d3a9c9f1c6b8d2ea701",
	.level = LOG_ERR,
	.text = "configuration error",
};
static const struct log_kind configuration_doubtful = {
	.id = "8a6e0a0f3f0b4f8c8f3b6f2a1c55d602",
	.level = LOG_WARNING,
	.text = "configuration warning",
};

bool program_option(struct program *p, int letter)
{
	switch (letter) {
	case 'c':
		p->config = optarg;
		return true;
	case 'h':
		(void)fputs(p->usage, stdout);
		exit(PROGRAM_OK);
	case 'V':
		(void)printf("%s %s\n", p->name, PACKAGE_VERSION);
		exit(PROGRAM_OK);
	default:
		return false;
	}
}

void program_usage(const struct program *p, const char *wrong)
{
	if (wrong)
		(void)fprintf(stderr, "%s: %s\n", p->name, wrong);
	(void)fprintf(stderr, "Try '%s --help'.\n", p->name);
	exit(PROGRAM_USAGE);
}

void program_no_manager(const struct program *p)
{
	(void)fprintf(
		stderr,
		"%s: a service manager has handed sockets over, but " PKGLIBDIR
		"/" MANAGER_MODULE_FILE
		" cannot be loaded: install postern once more\n",
		p->name);
	exit(PROGRAM_TEMPFAIL);
}

static void log_complaint(void *context, const struct complaint *c)
{
	char place[512] = "";

	(void)context;
	if (c->at.file)
		(void)snprintf(place, sizeof(place), "%s:%u", c->at.file,
			       c->at.line);
	const struct log_field fields[] = {
		{ "PLACE", slice_of(place) },
		{ "DETAIL", slice_of(c->problem) },
		{ "REMEDY", slice_of(c->remedy) },
	};
	log_event(c->fatal ? &configuration_bad : &configuration_doubtful,
		  fields, ARRAY_LEN(fields));
}

static void log_unreadable(const char *config, int r)
{
	const struct log_field fields[] = {
		{ "PLACE", slice_of(config) },
		{ "DETAIL", slice_of(strerror(-r)) },
		{ "REMEDY", SLICE("run 'postern check'") },
	};

	log_event(&configuration_bad, fields, ARRAY_LEN(fields));
}

const char *program_config(const struct program *p)
{
	return p->config ? p->config : PROGRAM_CONFIG;
}

int program_start(struct program *p, bool person_looks)
{
	int r;

	/* as the units': what is made by hand is the group mail's too */
	(void)umask(0007);
	/* a peer that hangs up and a file that grows too large are answers of
	 * write(2), not ends of the process */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	p->config = program_config(p);
	p->arena = arena_new(SETTINGS_MAX);
	if (!p->arena)
		return -ENOMEM;
	/* complaints need a log before the settings say which */
	r = sink_install(p->name, SLICE("auto"), LOG_INFO, person_looks);
	if (r < 0)
		return r;
	r = settings_read(p->config, p->arena, log_complaint, NULL,
			  &p->settings);
	if (r < 0) {
		log_unreadable(p->config, r);
		return r;
	}
	return sink_install(p->name, p->settings.log.to,
			    (int)p->settings.log.level, person_looks);
}

void program_end(struct program *p)
{
	arena_free(p->arena);
	p->arena = NULL;
}
