/* SPDX-License-Identifier: ISC */
/* See options.h. */
#include "conf/options.h"

bool user_option_next(struct slice *rest, struct user_option *ret)
{
	struct slice word;
	size_t equals;

	do {
		if (!slice_field(rest, ',', &word))
			return false;
		word = slice_trim(word);
	} while (word.n == 0);
	equals = slice_find(word, '=');
	*ret = (struct user_option){
		.word = word,
		.key = slice_trim(slice_upto(word, equals)),
		.value = slice_trim(slice_from(word, equals + 1)),
	};
	return true;
}
