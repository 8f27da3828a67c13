/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert: what scanners and AWS's own services say, brought into one form.
 *
 *     {"source":"guardduty", "id", "title", "severity":"high", "time", "key", "user", "role",
 *      "session", "principal", "root":true, "account"}
 *
 * Only what identifies is taken: the secrets that stand beside a key id are left where they are.
 * Samples, canary tokens and censored ids lead to nobody and are skipped.
 */
#ifndef TRAIL_ALERT_H
#define TRAIL_ALERT_H

#include "record.h"

/* False: it is no alert that is known here. */
bool alert_read(json_t *value, record_fn *fn, void *arg);

#endif
