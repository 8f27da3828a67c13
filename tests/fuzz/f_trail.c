// SPDX-License-Identifier: Apache-2.0
#include "cordon/json.h"
#include "cordon/text.h"
#include "cordon/trail.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void must(bool good)
{
	if (!good)
		abort();
}

static void sink(void *arg, const struct trail_record *record)
{
	trail_add(arg, record);
}

static char *triage(const char *bytes, size_t length, size_t piece)
{
	struct trail_options options = {.now = 1784025000, .seed = 7};
	struct trail *trail = trail_new(&options);
	struct trail_input *in = trail_input_new(sink, trail);

	for (size_t at = 0; at < length; at += piece)
		trail_input_feed(in, bytes + at, length - at < piece ? length - at : piece);
	trail_input_end(in);
	trail_close(trail, "input", in, NULL);
	trail_input_free(in);
	json_t *document = trail_document(trail);
	trail_free(trail);
	json_object_del(json_object_get(document, "sources"), "bytes");
	must(json_is_array(json_object_get(document, "targets")));
	char *text = jx_sorted(document);
	json_decref(document);
	return text;
}

/* Into how many pieces a file is read makes no difference. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = length ? (const char *)bytes : "";
	char *whole = triage(text, length, length + 1);
	char *pieces = triage(text, length, 7 + length % 61);

	must(text_equal(whole, pieces));
	free(whole);
	free(pieces);
	return 0;
}
