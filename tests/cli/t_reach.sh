#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# reach: what the principals of the shipped account file can still do, before and after.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json
arn=arn:aws:iam::111122223333:user/engineering/dana.okafor

run reach dana.okafor --account "$account"
status 0 'a user'
out_has "$arn" 'by ARN'
out_has 'its long-term key' 'as a key'
out_has 'of 22091 known actions' 'how much'
out_has 'iam:CreateAccessKey: inline team-onboarding, TooWideSinceTheOfficeMove' \
	'what undoes a containment, by which statement'
out_has 'make an access key of a user (pathfinding/iam-002)' 'open paths'
out_has 'role/deploy-production: by group developers' 'roles'
err_empty 'nothing on stderr'

run reach "$arn" --account "$account" --output json
field_is cordon-reach/1 'as JSON' format
field_is "$arn" 'the principal' principal
field_is key 'as a key' as
field_is 22091 'known actions' known
field_is '[]' 'all was read' unread
got=$(field allowed)
ok 'the counts add up' [ $((got + $(field explicit_deny) + $(field implicit_deny))) -eq 22091 ]
before=$got

run reach dana.okafor --account "$account" --action iam:CreateAccessKey \
	--resource arn:aws:iam::111122223333:user/x --output json
field_is Allow 'one action' decision decision
field_is 'inline team-onboarding' 'the policy' decision policy
field_is TooWideSinceTheOfficeMove 'the statement' decision statement
run reach dana.okafor --account "$account" --action iam:DeleteUser --output json
field_is ImplicitDeny 'another action' decision decision
run reach dana.okafor --account "$account" --action sts:AssumeRole \
	--resource arn:aws:iam::111122223333:role/data-export
out_has 'Allow sts:AssumeRole on arn:aws:iam::111122223333:role/data-export' 'with the trust policy'

run reach role/deploy-production --account "$account" --output json
status 0 'a role'
field_is session 'is a session' as
run reach arn:aws:sts::111122223333:assumed-role/deploy-production/ci --account "$account" --output json
status 0 'one session of it'
field_is arn:aws:sts::111122223333:assumed-role/deploy-production/ci 'by its own ARN' principal
run reach AKIARTX3GSDSUEXAMPLE --account "$account" --output json
field_is "$arn" 'by access key' principal
run reach AKIARTX3GSDSZZEXAMPLE --account "$account"
status 2 "nobody's key"
err_has 'has the key' 'is said to be'
run reach AIDARTX3GSDS6XEXAMPLE --account "$account" --output json
field_is "$arn" 'by unique id' principal

run reach role/break-glass-admin --account "$account"
out_has 'iam:UpdateAccessKey: ' "a role could undo a user's containment"
out_has 'iam:DeleteRolePermissionsBoundary: ' "or a role's"

# Contained: nothing is left but what nobody can deny.
run contain dana.okafor --account "$account" --account-out after.json --yes --irreversible
status 0 'contained'
run reach dana.okafor --account after.json --output json
field_is 2 'what is left' allowed
field_is '{"sts":2}' 'cannot be denied' by_service
field_is '[]' 'nothing undoes it' undo
field_is '[]' 'no role is left' assumable_roles
run reach dana.okafor --account after.json --as session --issued 2027-01-01T00:00:00Z --output json
field_is 2 'a session issued later' allowed
field_is 2027-01-01T00:00:00Z 'at that time' issued
ok 'it was more before' [ "$before" -gt 2 ]

printf '# own\ns3:GetObject\tRead\tobject*\nsts:GetCallerIdentity\tRead\t\n' >list.tsv
run reach dana.okafor --account "$account" --actions list.tsv --all --output json
field_is 2 'an own list of actions' known
field_is s3:GetObject 'each with its decision' actions 0 action
run reach dana.okafor --account "$account" --actions list.tsv --all
out_has 'Allow sts:GetCallerIdentity: AWS, GetCallerIdentity needs no permission' 'as text'
echo nonsense >list.tsv
run reach dana.okafor --account "$account" --actions list.tsv
status 2 'a list that is none'
err_has 'list.tsv:1: no service:Action' 'is said to be none'

run reach nobody --account "$account"
status 2 'nobody of that name'
run reach group/developers --account "$account"
status 2 'a group'
err_has 'reach takes a user, its access key, a role or a session' 'does nothing'
run reach role/deploy-production --account "$account" --as key
status 2 'a role has no key'
run reach dana.okafor --account "$account" --resource x
status 2 'a resource without an action'
run reach dana.okafor --account "$account" --as key --issued 2027-01-01T00:00:00Z
status 2 'a key that is issued'
run reach dana.okafor --account "$account" --issued tomorrow
status 2 'no time'
run reach dana.okafor --account "$account" --action 's3:*'
status 2 'no action'

finish
