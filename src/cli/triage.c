// SPDX-License-Identifier: Apache-2.0
/* cordon triage: its words, and its document as text for a tired person. */
#include "cordon/buf.h"
#include "cordon/cli.h"
#include "cordon/json.h"
#include "cordon/report.h"
#include "cordon/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMELINE_MOST = 200, SKIPPED_MOST = 20 };

static const char *or_dash(const json_t *v, const char *name)
{
	const char *text = jx_text(v, name);

	return text ? text : "-";
}

static void add(struct buf *out, const char *text)
{
	text_escape(out, text);
}

static void add_padded(struct buf *out, const char *text, int width)
{
	size_t before = out->length;

	add(out, text);
	int used = (int)(out->length - before);
	buf_addf(out, "%*s", used < width ? width - used : 1, "");
}

static const char *colour_of(const char *severity)
{
	if (text_equal(severity, "critical") || text_equal(severity, "high"))
		return "\033[31m";
	return text_equal(severity, "medium") ? "\033[33m" : "";
}

static void add_coloured(struct buf *out, const struct report_style *style, const char *colour,
			 const char *text, int width)
{
	bool on = style->colour && *colour;

	if (on)
		buf_add(out, colour);
	add_padded(out, text, width);
	if (on)
		buf_add(out, "\033[0m");
}

static void title(struct buf *out, const struct report_style *style, const char *words, size_t n)
{
	buf_addf(out, "\n%s%s (%zu)%s\n", style->colour ? "\033[1m" : "", words, n,
		 style->colour ? "\033[0m" : "");
}

static long long count_of(const json_t *v, const char *name)
{
	return json_integer_value(json_object_get(v, name));
}

static void add_count(struct buf *out, const json_t *sources, const char *name, const char *words)
{
	if (count_of(sources, name))
		buf_addf(out, ", %lld %s", count_of(sources, name), words);
}

static void say_sources(struct buf *out, const json_t *sources)
{
	json_t *skipped = json_object_get(sources, "skipped");
	json_t *item;
	size_t i;

	buf_addf(out, "Read %lld of %lld files: %lld events, %lld alerts",
		 count_of(sources, "files_read"), count_of(sources, "files"),
		 count_of(sources, "events"), count_of(sources, "alerts"));
	add_count(out, sources, "duplicates", "duplicates");
	add_count(out, sources, "out_of_time", "outside of --from and --to");
	add_count(out, sources, "bad", "that cannot be read");
	add_count(out, sources, "unknown", "of no known form");
	add_count(out, sources, "findings_left_out", "findings of rules that fire all the time");
	add_count(out, sources, "not_kept", "more than can be kept: targets may be missing");
	buf_add(out, "\n");
	if (jx_text(sources, "first"))
		buf_addf(out, "From %s to %s\n", or_dash(sources, "first"),
			 or_dash(sources, "last"));
	json_array_foreach (skipped, i, item) {
		if (i == SKIPPED_MOST) {
			buf_addf(out, "  and %zu more; --output json has all\n",
				 json_array_size(skipped) - i);
			break;
		}
		buf_add(out, "  not read: ");
		add(out, or_dash(item, "file"));
		buf_add(out, ": ");
		add(out, or_dash(item, "why"));
		buf_addf(out, " (%lld)\n", count_of(item, "count"));
	}
}

static const char *actor_of(const json_t *finding)
{
	const json_t *actor = json_object_get(finding, "actor");
	const json_t *target = json_object_get(finding, "target");
	const char *arn = jx_text(actor, "arn");
	const char *key = jx_text(actor, "access_key_id");

	if (arn || key)
		return arn ? arn : key;
	if (jx_text(actor, "service"))
		return jx_text(actor, "service");
	key = jx_text(target, "access_key_id");
	return key ? key : "-";
}

static void say_finding(struct buf *out, const json_t *finding, const struct report_style *style)
{
	const json_t *target = json_object_get(finding, "target");
	const char *severity = or_dash(finding, "severity");

	buf_add(out, "  ");
	add_padded(out, or_dash(finding, "time"), 22);
	add_coloured(out, style, colour_of(severity), severity, 10);
	add_padded(out, or_dash(finding, "rule"), 30);
	add(out, actor_of(finding));
	if (jx_text(target, "id")) {
		buf_add(out, " -> ");
		add(out, or_dash(target, "kind"));
		buf_add(out, " ");
		add(out, or_dash(target, "id"));
	}
	if (jx_text(finding, "title")) {
		buf_add(out, " ");
		add(out, jx_text(finding, "title"));
	}
	buf_add(out, "\n");
}

/* Of a long timeline the worst is what must be seen. */
static void say_findings(struct buf *out, const json_t *findings, const struct report_style *style)
{
	json_t *finding;
	size_t i;
	size_t left_out = 0;
	bool all = json_array_size(findings) <= TIMELINE_MOST;

	title(out, style, "Timeline", json_array_size(findings));
	json_array_foreach (findings, i, finding) {
		const char *severity = or_dash(finding, "severity");
		if (all || text_equal(severity, "high") || text_equal(severity, "critical"))
			say_finding(out, finding, style);
		else
			left_out++;
	}
	if (left_out)
		buf_addf(out, "  and %zu of low and medium severity; --output json has all\n",
			 left_out);
}

static void say_meanings(struct buf *out, const json_t *rules)
{
	json_t *rule;
	size_t i;

	json_array_foreach (rules, i, rule)
		buf_addf(out, "  %s: %s\n", or_dash(rule, "rule"), or_dash(rule, "meaning"));
}

static void say_target(struct buf *out, const json_t *target, const struct report_style *style)
{
	const json_t *live = json_object_get(target, "live");
	json_t *why;
	size_t i;

	buf_add(out, "  ");
	add_padded(out, or_dash(target, "kind"), 16);
	add_padded(out, or_dash(target, "id"), 40);
	if (json_is_boolean(live))
		add_coloured(out, style, json_is_true(live) ? "\033[31m" : "",
			     json_is_true(live) ? "live" : "gone", 9);
	else
		add_padded(out, "live?", 9);
	buf_add(out, "account ");
	add(out, or_dash(target, "account"));
	buf_add(out, "\n");
	json_array_foreach (json_object_get(target, "why"), i, why) {
		buf_add(out, "      ");
		add(out, json_string_value(why));
		buf_add(out, "\n");
	}
	if (jx_text(target, "by_hand")) {
		buf_add(out, "      by hand: ");
		add(out, jx_text(target, "by_hand"));
		buf_add(out, "\n");
	} else if (jx_text(target, "command")) {
		buf_add(out, "      $ ");
		add(out, jx_text(target, "command"));
		buf_add(out, "\n");
	}
}

static void say_artefact(struct buf *out, const json_t *artefact)
{
	buf_add(out, "  ");
	add_padded(out, or_dash(artefact, "time"), 22);
	add_padded(out, json_is_true(json_object_get(artefact, "removed")) ? "removed" : "there",
		   9);
	add_padded(out, or_dash(artefact, "kind"), 18);
	add(out, or_dash(artefact, "id"));
	if (jx_text(artefact, "owner")) {
		buf_addf(out, " on %s ", or_dash(artefact, "owner_kind"));
		add(out, jx_text(artefact, "owner"));
	}
	buf_add(out, " by ");
	add(out, or_dash(artefact, "made_by"));
	buf_add(out, "\n");
}

static void report_triage(struct buf *out, const json_t *document, const struct report_style *style)
{
	json_t *findings = json_object_get(document, "findings");
	json_t *targets = json_object_get(document, "targets");
	json_t *artefacts = json_object_get(document, "artefacts");
	json_t *others = json_object_get(document, "not_targets");
	json_t *item;
	size_t i;

	say_sources(out, json_object_get(document, "sources"));
	say_findings(out, findings, style);
	say_meanings(out, json_object_get(document, "rules"));
	title(out, style, "Targets", json_array_size(targets));
	json_array_foreach (targets, i, item)
		say_target(out, item, style);
	if (json_array_size(artefacts)) {
		title(out, style, "What they made", json_array_size(artefacts));
		json_array_foreach (artefacts, i, item)
			say_artefact(out, item);
	}
	if (json_array_size(others)) {
		title(out, style, "No targets", json_array_size(others));
		json_array_foreach (others, i, item) {
			buf_add(out, "  ");
			add(out, or_dash(item, "id"));
			buf_add(out, ": ");
			add(out, or_dash(item, "why"));
			buf_add(out, "\n");
		}
	}
}

static int check_lookup(const struct cli *cli, struct err *err)
{
	const struct run_triage *t = &cli->triage;

	if (t->lookup && cli->run.account_file)
		return err_set(err, ERR_USAGE, "--lookup asks AWS: it does not go with --account");
	if (!t->lookup && (json_array_size(t->names) || json_array_size(t->regions) ||
			   cli_given(cli, "lookup-pages")))
		return err_set(err, ERR_USAGE,
			       "--event-name, --lookup-region and --lookup-pages go with --lookup");
	if (!t->lookup && cli->operand_count == 0)
		return err_set(err, ERR_USAGE, "'triage' needs FILE or --lookup");
	return 0;
}

int cli_triage(struct cli *cli, struct cli_result *result, struct err *err)
{
	json_auto_t *users = cli->user ? jx_pack("[o]", jx_string(cli->user)) : NULL;
	json_auto_t *roles = cli->role ? jx_pack("[o]", jx_string(cli->role)) : NULL;
	struct run_triage *triage = &cli->triage;

	if (check_lookup(cli, err))
		return -1;
	triage->files = cli->operands;
	triage->file_count = cli->operand_count;
	triage->users = users;
	triage->roles = roles;
	triage->door = &cli->run;
	triage->tell = isatty(STDERR_FILENO) ? cli->run.tell : NULL;
	triage->arg = cli;
	triage->stopped = cli->run.stopped;
	result->report = report_triage;
	return run_triage(triage, &result->document, &result->status, err);
}
