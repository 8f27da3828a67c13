/* SPDX-License-Identifier: Apache-2.0 */
/*
 * folder: a run's record on disk: plan.json before.json journal.jsonl result.json, all private.
 *
 *     folder_create(options, id, rehearsal, &folder, err)      before anything is sent
 *     folder_save(&folder, "plan.json", plan, err)
 *     folder_note(&folder, at, "intent", fields, err)          on disk when it returns
 *     folder_close(&folder)
 *
 * While it is open no other cordon can write to it. Rehearsals are kept apart. A folder that cannot
 * be used is ERR_IO and names --state-dir.
 */
#ifndef CORDON_RUN_FOLDER_H
#define CORDON_RUN_FOLDER_H

#include "cordon/journal.h"
#include "cordon/run.h"

struct folder {
	char *path;
	int fd; /* of the journal; -1: none */
	struct journal journal;
};

/* A new run id: the time and six hex digits, fit for a policy name. */
void folder_new_id(time_t now, char ret_id[static 40]);

int folder_create(const struct run_options *options, const char *id, bool rehearsal,
		  struct folder *ret_folder, struct err *err);
/* The same under a name that no run has, so that one that is only half filled is none; then under
 * the run's own. ERR_REFUSED where that is there by now. */
int folder_create_aside(const struct run_options *options, const char *id, bool rehearsal,
			struct folder *ret_folder, struct err *err);
int folder_publish(struct folder *folder, const char *id, struct err *err);
/* A run's folder, to go on with it after the journal's whole lines (length bytes). ERR_REFUSED
 * where another cordon is at work on it. */
int folder_reopen(const char *path, const struct journal *journal, size_t length,
		  struct folder *ret_folder, struct err *err);
/* Adds what to do about it; -1. */
int folder_unusable(struct err *err);
/* The same for a run that is on record already: another folder has no such run. */
int folder_stuck(const char *run, struct err *err);
void folder_close(struct folder *folder);
int folder_save(struct folder *folder, const char *name, const json_t *value, struct err *err);
/* One line (fields are stolen), or several with one wait for the disk: folder_add, then
 * folder_flush. */
int folder_note(struct folder *folder, time_t at, const char *event, json_t *fields_stolen,
		struct err *err);
int folder_notes(struct folder *folder, time_t at, const char *event, json_t *list_stolen,
		 struct err *err);

bool folder_is_run(const char *run);
/* The folder of a run that was written down; ERR_NOT_FOUND. Free it. */
int folder_find(const struct run_options *options, const char *run, char **ret_path,
		struct err *err);
int folder_read(const char *path, const char *name, json_t **ret_value, struct err *err);
/* Its journal has a line, or had one: nothing is sent before the first one is on disk. */
bool folder_is_begun(const char *path);
/* text (or NULL) gets the whole lines as they stand. */
int folder_read_journal(const char *path, json_t **ret_lines, struct journal *ret_journal,
			size_t *ret_torn, char **ret_text, struct err *err);
/* The ids of all runs, oldest first; rehearsals with "rehearsal": true. New. */
int folder_runs(const struct run_options *options, json_t **ret_runs, struct err *err);

#endif
