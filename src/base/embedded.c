// SPDX-License-Identifier: Apache-2.0
#include "cordon/embedded.h"

#include "cordon/text.h"

const struct embedded_file *embedded_find(const char *path)
{
	for (const struct embedded_file *f = embedded_files; f->path; f++) {
		if (text_equal(f->path, path))
			return f;
	}
	return NULL;
}
