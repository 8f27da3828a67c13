// SPDX-License-Identifier: Apache-2.0
// Answers rows of `cordon evaluate` on stdin with the other evaluator's decisions. With --time FILE N
// it measures instead: all actions on stdin for the policies in FILE, then the first N of them
// again, and prints milliseconds and kilobytes.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { anonymousPrincipal, runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

const NAMES = { Allowed: "Allow", ExplicitlyDenied: "ExplicitDeny", ImplicitlyDenied: "ImplicitDeny" };
const named = (list) => (list ?? []).map((policy, i) => ({ name: `p${i}`, policy }));
const levels = (list) =>
	(list ?? []).map((level, i) => ({ orgIdentifier: level.orgIdentifier ?? `l${i}`, policies: named(level.policies) }));

function simulationOf(row) {
	const { principal, action, resource, resource_account: accountId, context } = row.request;
	return {
		request: {
			principal: principal === "*" ? anonymousPrincipal : principal,
			action,
			resource: { resource, accountId },
			contextVariables: context ?? {},
		},
		identityPolicies: named(row.identity_policies),
		serviceControlPolicies: levels(row.scps),
		resourceControlPolicies: levels(row.rcps),
		resourcePolicy: row.resource_policy,
		sessionPolicy: row.session_policy,
		permissionBoundaryPolicies: row.permission_boundaries && named(row.permission_boundaries),
		vpcEndpointPolicies: row.endpoint_policies && named(row.endpoint_policies),
	};
}

async function answer(line) {
	const row = JSON.parse(line);
	try {
		const result = await runSimulation(simulationOf(row), {});
		if (result.errors || result.resultType === "error")
			return { id: row.id, error: JSON.stringify(result.errors ?? result).slice(0, 200) };
		return { id: row.id, decision: NAMES[result.overallResult] ?? String(result.overallResult) };
	} catch (error) {
		return { id: row.id, error: String(error).slice(0, 200) };
	}
}

async function measure(file, count) {
	const policies = JSON.parse(readFileSync(file, "utf8"));
	const actions = readFileSync(0, "utf8").split("\n").filter(Boolean);
	const ask = (action) =>
		runUnsafeSimulation(
			simulationOf({
				request: {
					principal: "arn:aws:iam::111122223333:user/a",
					action,
					resource: "*",
					resource_account: "111122223333",
				},
				identity_policies: policies,
			}),
			{},
		);
	const runs = [];
	for (const part of [actions, actions.slice(0, count)]) {
		const start = process.hrtime.bigint();
		for (const action of part) await ask(action);
		runs.push(Number(process.hrtime.bigint() - start) / 1e6);
	}
	console.log(`${runs[0].toFixed(1)} ${runs[1].toFixed(1)} ${Math.round(process.resourceUsage().maxRSS)}`);
}

if (process.argv[2] === "--time") await measure(process.argv[3], Number(process.argv[4]));
else for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(line)));
