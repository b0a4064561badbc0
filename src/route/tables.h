/* SPDX-License-Identifier: ISC */
/* What the room's files share: the tables they look things up in. */
#pragma once

#include "conf/map.h"
#include "route/route.h"

#define ALIAS_DEPTH_MAX 20

struct route {
	const struct settings *settings;
	struct map *aliases;
	struct map *routes;
};
