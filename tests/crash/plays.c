/* SPDX-License-Identifier: ISC */
/* See plays.h. */
#include "plays.h"

#define SMALL                                                                  \
	(BIT(FIRST_FOREIGN) | BIT(TINY) | BIT(BODILESS) | BIT(QUOTED) |        \
	 BIT(BINARY))
#define BIG      (SMALL | BIT(LARGE))
#define OPEN_END BIT(LAST_FOREIGN) /* no line end at the mailbox's end */

#define APPEND(id)                                                             \
	{                                                                      \
		STEP_APPEND, BIT(id)                                           \
	}
#define FORGET                                                                 \
	{                                                                      \
		STEP_FORGET, BIT(NEW_NAMED)                                    \
	}
#define EXPUNGE(s)                                                             \
	{                                                                      \
		STEP_EXPUNGE, (s)                                              \
	}
#define LOGIN                                                                  \
	{                                                                      \
		STEP_LOGIN, 0                                                  \
	}
#define FOREIGN                                                                \
	{                                                                      \
		STEP_FOREIGN, BIT(NEW_FOREIGN)                                 \
	}

/* clang-format off */
const struct play plays[] = {
	{ "append", SMALL, .steps = { APPEND(NEW_TINY) } },
	{ "append a bodiless one", SMALL, .steps = { APPEND(NEW_BODILESS) } },
	{ "append a quoted one", SMALL, .steps = { APPEND(NEW_QUOTED) } },
	{ "append a binary one", SMALL, .steps = { APPEND(NEW_BINARY) } },
	{ "append pages", SMALL, .steps = { APPEND(NEW_PAGES) } },
	{ "append 60 KB", SMALL, .steps = { APPEND(NEW_LARGE) } },
	{ "append behind a line without end", SMALL | OPEN_END,
	  .steps = { APPEND(NEW_TINY) } },
	{ "append, first of a boot", SMALL, .other_boot = true,
	  .steps = { APPEND(NEW_TINY) } },
	{ "append with a dotlock", SMALL, .dotlock = true,
	  .steps = { APPEND(NEW_TINY) } },
	{ "first append ever", 0, .steps = { APPEND(NEW_TINY) } },
	{ "first append ever, named", 0,
	  .steps = { APPEND(NEW_NAMED), FORGET } },
	{ "first appends ever", 0,
	  .steps = { APPEND(NEW_TINY), APPEND(NEW_BODILESS) } },
	{ "first append in a folder", 0, .in_folder = true,
	  .steps = { APPEND(NEW_TINY) } },
	{ "two in a folder", BIT(TINY) | BIT(QUOTED), .in_folder = true,
	  .steps = { APPEND(NEW_TINY), EXPUNGE(BIT(TINY)) } },
	{ "two appends", SMALL,
	  .steps = { APPEND(NEW_TINY), APPEND(NEW_QUOTED) } },
	{ "two appends, first of a boot", SMALL, .other_boot = true,
	  .steps = { APPEND(NEW_PAGES), APPEND(NEW_TINY) } },
	{ "three appends", SMALL | OPEN_END,
	  .steps = { APPEND(NEW_BODILESS), APPEND(NEW_PAGES),
		     APPEND(NEW_BINARY) } },
	{ "append named", SMALL, .steps = { APPEND(NEW_NAMED) } },
	{ "append named, first of a boot", SMALL, .other_boot = true,
	  .steps = { APPEND(NEW_NAMED) } },
	{ "append named, recorded", SMALL,
	  .steps = { APPEND(NEW_NAMED), FORGET } },
	{ "append named, repeated, recorded", SMALL,
	  .steps = { APPEND(NEW_NAMED), APPEND(NEW_NAMED), FORGET } },
	{ "append named, another, recorded", SMALL,
	  .steps = { APPEND(NEW_NAMED), APPEND(NEW_TINY), FORGET } },
	{ "append named, deleted before it is recorded", SMALL,
	  .steps = { APPEND(NEW_NAMED), EXPUNGE(BIT(NEW_NAMED)), FORGET } },
	{ "login", SMALL, .steps = { LOGIN } },
	{ "login, append, login", SMALL,
	  .steps = { LOGIN, APPEND(NEW_TINY), LOGIN } },
	{ "login in another boot, append, login", SMALL, .other_boot = true,
	  .steps = { LOGIN, APPEND(NEW_BINARY), LOGIN } },
	{ "login, foreign mail, login, append", SMALL,
	  .steps = { LOGIN, FOREIGN, LOGIN, APPEND(NEW_TINY) } },
	{ "expunge the first", SMALL,
	  .steps = { EXPUNGE(BIT(FIRST_FOREIGN)) } },
	{ "expunge one in the middle", SMALL, .steps = { EXPUNGE(BIT(BODILESS)) } },
	{ "expunge the last", SMALL, .steps = { EXPUNGE(BIT(BINARY)) } },
	{ "expunge the last, without line end", SMALL | OPEN_END,
	  .steps = { EXPUNGE(BIT(LAST_FOREIGN)) } },
	{ "expunge before a line without end", SMALL | OPEN_END,
	  .steps = { EXPUNGE(BIT(TINY) | BIT(QUOTED)) } },
	{ "expunge several", SMALL,
	  .steps = { EXPUNGE(BIT(TINY) | BIT(QUOTED) | BIT(BINARY)) } },
	{ "expunge all", SMALL, .steps = { EXPUNGE(SMALL) } },
	{ "expunge the first of many octets", BIG | OPEN_END,
	  .steps = { EXPUNGE(BIT(FIRST_FOREIGN)) } },
	{ "expunge much", BIG | OPEN_END, .steps = { EXPUNGE(BIT(LARGE)) } },
	{ "expunge all of much", BIG, .steps = { EXPUNGE(BIG) } },
	{ "expunge, append", SMALL,
	  .steps = { EXPUNGE(BIT(TINY)), APPEND(NEW_TINY) } },
	{ "expunge all, append, login", SMALL,
	  .steps = { EXPUNGE(SMALL), APPEND(NEW_QUOTED), LOGIN } },
	{ "append, expunge it, append", SMALL,
	  .steps = { APPEND(NEW_TINY), EXPUNGE(BIT(NEW_TINY)),
		     APPEND(NEW_BODILESS) } },
	{ "append, expunge others", SMALL,
	  .steps = { APPEND(NEW_PAGES), EXPUNGE(BIT(TINY) | BIT(BINARY)) } },
	{ "expunge twice", SMALL,
	  .steps = { EXPUNGE(BIT(TINY)), EXPUNGE(BIT(QUOTED)) } },
	{ "foreign mail, expunge, append", SMALL,
	  .steps = { FOREIGN, EXPUNGE(BIT(BODILESS)), APPEND(NEW_TINY) } },
	{ "append within an append", SMALL, .steps = { APPEND(NEW_TINY) },
	  .inner = APPEND(NEW_BODILESS) },
	{ "append within the first append of a boot", SMALL, .other_boot = true,
	  .steps = { APPEND(NEW_PAGES) }, .inner = APPEND(NEW_TINY) },
	{ "append within the first append ever", 0,
	  .steps = { APPEND(NEW_TINY) }, .inner = APPEND(NEW_BODILESS) },
	{ "append within the first append in a folder", 0, .in_folder = true,
	  .steps = { APPEND(NEW_TINY) }, .inner = APPEND(NEW_BODILESS) },
	{ "append within a named append", SMALL,
	  .steps = { APPEND(NEW_NAMED), FORGET }, .inner = APPEND(NEW_TINY) },
	{ "named append within an append", SMALL,
	  .steps = { APPEND(NEW_QUOTED) }, .inner = APPEND(NEW_NAMED) },
	{ "named append within itself", SMALL,
	  .steps = { APPEND(NEW_NAMED) }, .inner = APPEND(NEW_NAMED) },
	{ "login within an append", SMALL,
	  .steps = { APPEND(NEW_TINY), LOGIN }, .inner = LOGIN },
	{ "expunge within an append", SMALL, .steps = { APPEND(NEW_TINY) },
	  .inner = EXPUNGE(BIT(BODILESS)) },
	{ "foreign mail within an append", SMALL,
	  .steps = { APPEND(NEW_TINY) }, .inner = FOREIGN },
	{ "append within a login", SMALL, .steps = { LOGIN, LOGIN },
	  .inner = APPEND(NEW_TINY) },
	{ "append within an expunge", SMALL,
	  .steps = { EXPUNGE(BIT(TINY) | BIT(QUOTED)) },
	  .inner = APPEND(NEW_PAGES) },
	{ "append within an expunge of all", SMALL,
	  .steps = { EXPUNGE(SMALL) }, .inner = APPEND(NEW_TINY) },
	{ "foreign mail within an expunge", SMALL | OPEN_END,
	  .steps = { EXPUNGE(BIT(FIRST_FOREIGN) | BIT(BINARY)) },
	  .inner = FOREIGN },
};
/* clang-format on */

const size_t plays_n = ARRAY_LEN(plays);
