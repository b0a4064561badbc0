/* SPDX-License-Identifier: ISC */
/* The plays that are given. */
#pragma once

#include "play.h"

extern const struct play plays[];
extern const size_t plays_n;
