#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# policy diff and drift, without AWS.
. "$(dirname "$0")/../lib.sh"

account=$tests/../playbooks/demo/breached-account.json
shipped=$tests/../playbooks/policies/aws

run policy diff AWSCompromisedKeyQuarantineV2@v4 AWSCompromisedKeyQuarantineV2
status 0 'two shipped copies'
out_has 'AWSCompromisedKeyQuarantineV2, v5, of 2024-10-02' 'with the date'
out_has '29 actions added, 0 removed' 'what was added'
out_has 'bedrock:InvokeModel: denied, was allowed' 'what it closes'
out_has 'assume a role (pathfinding/sts-001)' 'and what it leaves open'
run policy diff AWSCompromisedKeyQuarantineV2@v4 "$shipped/AWSCompromisedKeyQuarantineV2@v5.json" --output json
field_is cordon-policy-diff/1 'a file, as JSON' format
field_is v4 'the version' old version
field_is bedrock:CreateModelInvocationJob 'the actions are listed' actions added 4
field_is 143 'what is denied' denied new
field_is 22091 'of so many' known

cat >narrow.json <<'END2'
{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}
END2
cat >wide.json <<'END2'
{"Version":"2012-10-17","Statement":[
 {"Effect":"Allow","Action":["s3:GetObject","iam:PutUserPolicy"],"Resource":"*"},
 {"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}]}
END2
run policy diff narrow.json wide.json --output json
field_is '[{"action":"iam:PutUserPolicy","from":"not allowed","to":"allowed"},{"action":"s3:PutObject","from":"not allowed","to":"conditional"}]' \
	'what opens, and under a condition' opens
field_is pathfinding/iam-007 'and which way' paths opened 0 id

# One of AWS's in an account file.
cat >account.json <<'END2'
{"format":"cordon-account/1","account_id":"111122223333","UserDetailList":[],"Policies":[
 {"Arn":"arn:aws:iam::aws:policy/AWSDenyAll","PolicyName":"AWSDenyAll","DefaultVersionId":"v3","PolicyVersionList":[
  {"VersionId":"v3","IsDefaultVersion":true,"CreateDate":"2026-11-01T00:00:00Z","Document":{"Version":"2012-10-17","Statement":[
   {"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"},{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}}]},
 {"Arn":"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV4","PolicyName":"x","PolicyVersionList":[
  {"VersionId":"v2","IsDefaultVersion":true,"Document":{"Statement":[]}}]}]}
END2
run policy diff AWSDenyAll aws:AWSDenyAll --account account.json --output json
status 0 'a policy of the account'
field_is v3 'its version' new version
field_is '["s3:GetObject"]' 'what it has more' actions added
run policy diff AWSDenyAll arn:aws:iam::aws:policy/AWSDenyAll@v2 --account account.json
status 2 'a version that is not there'
run policy drift --account account.json --output json
status 1 'drift'
field_is cordon-policy-drift/1 'as JSON' format
out_has '"state": "changed"' 'one has changed'
out_has '"state": "new"' 'one is newer'
out_has '"state": "unread"' 'others were not read'
run policy drift --account account.json
out_has 'AWSDenyAll: changed' 'as text'
out_has 'AWSCompromisedKeyQuarantineV4: newer than this program' 'both'
run policy drift --account "$account"
status 2 'an account that holds none of them says nothing of drift'

run policy
status 2 'nothing to do'
run policy diff a
status 2 'one policy'
err_has 'policy diff OLD NEW' 'says what is wanted'
run policy diff AWSCompromisedKeyQuarantineV2 nothing
status 2 'a name that is not shipped'
err_has "no policy 'nothing' is shipped" 'says so'
run policy diff AWSDenyAll@2 AWSDenyAll
status 2 'no version'
run policy diff "$account" narrow.json
status 2 'no policy document'
err_has 'it has no Statement' 'says so'

finish
