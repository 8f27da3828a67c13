#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cordon triage, through the door: inputs in all their forms, a whole attack, and what is damaged.
. "$(dirname "$0")/../lib.sh"

if ! command -v gzip >/dev/null; then
	echo '1..0 # gzip is needed'
	exit 1
fi

# attack.pl writes the records of an attack that ends now, one a line.
cat >attack.pl <<'PERL'
use strict;
use warnings;
use POSIX 'strftime';
use JSON::PP;
my $json = JSON::PP->new->utf8->canonical;
my ($account, $number) = ('111122223333', 0);
sub at { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 3600 + 60 * $_[0])) }
sub user {
	my ($name, $key, $created) = @_;
	return {type => 'IAMUser', userName => $name, accountId => $account,
		principalId => 'AIDAEXAMPLE', arn => "arn:aws:iam::$account:user/$name",
		($key ? (accessKeyId => $key) : ()),
		($created ? (sessionContext => {attributes => {creationDate => $created}}) : ())};
}
sub role {
	my ($name, $session, $key, $created) = @_;
	return {type => 'AssumedRole', accountId => $account, accessKeyId => $key,
		principalId => "AROAEXAMPLE:$session",
		arn => "arn:aws:sts::$account:assumed-role/$name/$session",
		sessionContext => {attributes => {creationDate => $created},
			sessionIssuer => {type => 'Role', userName => $name,
				arn => "arn:aws:iam::$account:role/$name"}}};
}
sub event {
	my ($minute, $source, $name, $who, $asked, $answer, %more) = @_;
	$number++;
	print $json->encode({eventVersion => '1.11', userIdentity => $who,
		eventTime => at($minute), eventSource => "$source.amazonaws.com",
		eventName => $name, awsRegion => 'us-east-1', sourceIPAddress => '203.0.113.9',
		userAgent => 'Boto3/1.34', requestParameters => $asked,
		responseElements => $answer, recipientAccountId => $account,
		eventID => sprintf('event-%02d', $number), %more}), "\n";
}
sub issued {
	my ($key, %more) = @_;
	return {credentials => {accessKeyId => $key, sessionToken => 'NEVERSHOWN',
		expiration => strftime('%b %d, %Y, %I:%M:%S %p', gmtime(time + 3600))}, %more};
}
sub session { return {assumedRoleUser => {arn => "arn:aws:sts::$account:assumed-role/$_[0]"}} }

my $alice = user('alice', 'AKIAEXAMPLELEAKED000');
my $deploy = role('deploy', 's1', 'ASIAEXAMPLEDEPLOY000', at(1));
my $admin = role('admin', 's2', 'ASIAEXAMPLEADMIN0000', at(2));
event(0, 'iam', 'AttachUserPolicy', $alice, undef, undef, errorCode => 'AccessDenied',
	sourceIPAddress => 'AWS Internal', userAgent => 'AWS Internal');
event(1, 'sts', 'AssumeRole', $alice, {roleArn => "arn:aws:iam::$account:role/deploy"},
	issued('ASIAEXAMPLEDEPLOY000', %{session('deploy/s1')}));
event(2, 'sts', 'AssumeRole', $deploy, {roleArn => "arn:aws:iam::$account:role/admin"},
	issued('ASIAEXAMPLEADMIN0000', %{session('admin/s2')}));
my $trust = $json->encode({Statement => {Effect => 'Allow', Action => 'sts:AssumeRole',
	Principal => {AWS => 'arn:aws:iam::999988887777:root'}}});
event(3, 'iam', 'CreateRole', $admin, {roleName => 'backdoor', assumeRolePolicyDocument => $trust},
	{role => {roleName => 'backdoor'}});
event(3, 'iam', 'AttachRolePolicy', $admin, {roleName => 'backdoor',
	policyArn => 'arn:aws:iam::aws:policy/AdministratorAccess'}, undef);
event(4, 'sts', 'GetFederationToken', $alice, {name => 'fed'}, issued('ASIAEXAMPLEFED000000',
	federatedUser => {arn => "arn:aws:sts::$account:federated-user/fed"}));
event(5, 'iam', 'CreateAccessKey', $alice, undef,
	{accessKey => {accessKeyId => 'AKIAEXAMPLESELF00000', userName => 'alice'}});
event(6, 'iam', 'CreateUser', $alice, {userName => 'temp'}, {user => {}});
event(6, 'iam', 'CreateLoginProfile', $alice, {userName => 'temp'}, {});
event(7, 'iam', 'DeleteLoginProfile', $alice, {userName => 'temp'}, undef,
	errorCode => 'AccessDenied');
event(7, 'iam', 'CreateUser', $alice, {userName => 'gone'}, {user => {}});
event(8, 'iam', 'DeleteUser', $alice, {userName => 'gone'}, undef);
event(9, 'signin', 'ConsoleLogin', user('temp'), undef, {ConsoleLogin => 'Success'});
event(10, 's3', 'ListBuckets', user('temp', 'ASIAEXAMPLECONSOLE00', at(9)));
event(10, 'ec2', 'DescribeInstances', {%{user('temp', 'ASIAEXAMPLEFORWARDED', at(9))},
	invokedBy => 'resource-explorer.amazonaws.com'});
event(11, 'cloudtrail', 'StopLogging', $admin, {name => 'trail'}, undef);
# Nobody of these is to be touched: bob works, and uses a name of a session that was stolen.
event(12, 's3', 'ListBuckets', user('bob', 'AKIAEXAMPLEBOB000000'));
event(12, 'sts', 'AssumeRole', user('bob', 'AKIAEXAMPLEBOB000000'),
	{roleArn => "arn:aws:iam::$account:role/reader"},
	issued('ASIAEXAMPLEREADER000', %{session('reader/s1')}));
event(13, 's3', 'ListBuckets', role('reader', 's1', 'ASIAEXAMPLEREADER000', at(12)));
PERL
perl attack.pl >attack.jsonl

run triage attack.jsonl
status 0 'an attack is no failure'
out_has 'quarantine-failed' 'the worst is in the timeline'
out_has '$ cordon apply federated-session --set user=alice --set session=fed' 'a ready command'
out_lacks NEVERSHOWN 'no session token comes out'
out_lacks AKIAEXAMPLEBOB 'who only works is not named'
err_empty 'nothing on stderr'

run triage --output json attack.jsonl
cp out first.json
# What of each target counts, one a line.
targets() {
	perl -MJSON::PP -e '
		local $/;
		my $document = decode_json(<STDIN>);
		for my $t (@{$document->{targets}}) {
			my $p = $t->{parameters} // {};
			print join(" ", $t->{kind}, $t->{id}, $t->{playbook} // "by-hand",
				(defined $t->{live} ? ($t->{live} ? "live" : "gone") : "unknown"),
				map("$_=$p->{$_}", sort keys %$p)), "\n";
		}' <out | sed 's/arn:aws:sts::111122223333://' | sort
}
targets >got
cat >want <<'EOF'
access-key AKIAEXAMPLELEAKED000 compromised-access-key live access_key_id=AKIAEXAMPLELEAKED000 user=alice
access-key AKIAEXAMPLESELF00000 attacker-made-key live access_key_id=AKIAEXAMPLESELF00000 user=alice
role backdoor attacker-made-role live role=backdoor
session assumed-role/admin/s2 compromised-session live role=admin session=s2
session assumed-role/deploy/s1 compromised-session live role=deploy session=s1
session federated-user/fed federated-session live session=fed user=alice
user temp attacker-made-user live user=temp
EOF
same want got 'exactly the targets of the attack'
perl -MJSON::PP -e '
	local $/;
	print map("$_->{kind} $_->{id} " . ($_->{removed} ? "removed" : "there") . "\n",
		@{decode_json(<STDIN>)->{artefacts}});' <out | sort >got
cat >want <<'EOF'
access-key AKIAEXAMPLESELF00000 there
attached-policy arn:aws:iam::aws:policy/AdministratorAccess there
login-profile temp there
role backdoor there
user gone removed
user temp there
EOF
same want got 'exactly what it left: a deletion that was refused does not subtract'
out_has '"ASIAEXAMPLEFORWARDED"' 'a key that a service made is named'
out_has 'evidence, no target' 'as no target'

# Seeds: from one key only, and from a session whose parent is outside of what is named.
run triage --output json --key AKIAEXAMPLEBOB000000 attack.jsonl
targets >got
cat >want <<'EOF'
access-key AKIAEXAMPLEBOB000000 compromised-access-key live access_key_id=AKIAEXAMPLEBOB000000 user=bob
session assumed-role/reader/s1 compromised-session live role=reader session=s1
EOF
same want got '--key: from there and nowhere else'
run triage --output json --key ASIAEXAMPLEDEPLOY000 attack.jsonl
field_is AKIAEXAMPLELEAKED000 'a parent is named, not taken for the intruder' not_targets 0 id
run triage --output json --event event-14 attack.jsonl
ok '--event: who made it' grep -q '"temp"' out
run triage --output json --user bob attack.jsonl
out_has '"reader"' '--user: all that he did'
run triage --output json --role admin attack.jsonl
out_has '"backdoor"' '--role: all its sessions'
run triage --output json --ip 203.0.113.9 attack.jsonl
out_has AKIAEXAMPLEBOB000000 '--ip: whoever came from there'
run triage --ip 10.0.0.1 attack.jsonl
status 2 'an address that many share is no seed'
grep -v event-02 attack.jsonl >without
run triage --output json --key ASIAEXAMPLEDEPLOY000 without
out_has 'its parent is outside the log' 'a parent that is not there is not guessed'

# The same records in every form lead to the same findings and targets.
heart() {
	perl -MJSON::PP -e '
		local $/;
		my $document = decode_json(<STDIN>);
		print JSON::PP->new->canonical->pretty->encode(
			[map($document->{$_}, qw(findings targets artefacts not_targets))]);' <"$1"
}
heart first.json >want
paste -sd, attack.jsonl | sed 's/^/{"Records":[/; s/$/]}/' >records.json
paste -sd, attack.jsonl | sed 's/^/[/; s/$/]/' >array.json
perl -MJSON::PP -e 'local $/; print JSON::PP->new->pretty->encode(decode_json(<>))' \
	records.json >pretty.json
perl -MJSON::PP -ne 'chomp; print JSON::PP->new->canonical->encode({version => "0",
	"detail-type" => "AWS API Call via CloudTrail", detail => decode_json($_)}), "\n"' \
	attack.jsonl >bridge.jsonl
perl -MJSON::PP -e 'chomp(my @lines = <>); print encode_json({NextToken => "x", Events =>
	[map({{EventId => "x", CloudTrailEvent => $_}} @lines)]})' attack.jsonl >lookup.json
gzip -c records.json >records.json.gz
head -n 9 attack.jsonl | gzip -c >two.gz
tail -n +10 attack.jsonl | gzip -c >>two.gz
tac attack.jsonl >backwards.jsonl
for form in records.json array.json pretty.json bridge.jsonl lookup.json records.json.gz two.gz \
	backwards.jsonl; do
	run triage --output json "$form"
	heart out >got
	same want got "$form says the same"
done
INPUT=records.json.gz run triage --output json -
heart out >got
same want got 'standard input says the same'
run triage --output json attack.jsonl records.json two.gz
heart out >got
same want got 'what stands there twice counts once'
field_is 38 'and is counted' sources duplicates

# A folder with everything in it, and with what does not belong there.
mkdir -p tree/2026/07
cp records.json.gz tree/2026/07/log.json.gz
echo '{"awsAccountId":"1","digestStartTime":"2026-07-14T10:00:00Z","logFiles":[]}' >tree/digest.json
echo '{"Records":[{"eventVersion":"1","eventTime":"2026-07-14T10:00:00Z","eventSource":"x","eventName":"y","eventCategory":"Insight"}]}' >tree/insight.json
echo 'no log at all' >tree/readme.txt
: >tree/empty
head -c 700 records.json.gz >tree/cut.gz
name=$(printf 'tree/\377\033.json')
cp array.json "$name"
ln -s . tree/loop
run triage --output json tree
status 0 'a folder is read'
heart out >got
same want got 'and says the same'
out_has 'CloudTrail digest' 'a digest is named'
out_has 'CloudTrail Insights' 'Insights are named'
out_has 'not recognised' 'a file of another kind is named'
out_has 'cut off' 'a gzip file that is cut off is named'
out_has 'no regular file' 'a link is named, not followed'
run triage tree
out_has 'tree/' 'names are shown'
ok 'but no control byte' sh -c '! grep -q "$(printf "\033")" out'

# One bad record costs one record.
{
	head -n 5 attack.jsonl
	echo '{"eventVersion":"1.11","userIdentity":{"type":"IAMU'
	tail -n +6 attack.jsonl
	printf '{"eventVersion":"1.11","eventTime":"2026-07-14T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","userAgent":"\377\000\001","requestParameters":{"n":1180591620717411303424},"eventID":"odd"}\n'
} >bad.jsonl
run triage --output json bad.jsonl
field_is 1 'a cut line is counted' sources bad
field_is 20 'all others are read: also bytes that are no UTF-8, NUL and a number of 70 bits' \
	sources events
sed 's/}}},{"awsRegion"/}},{"awsRegion"/2' records.json >torn.json
run triage --output json torn.json
ok 'a torn record in a list' [ "$(field sources events)" -ge 17 ]
perl -e 'print "{\"Records\":[", " " x 300_000_000' | gzip -9 >bomb.gz
run triage --output json bomb.gz attack.jsonl
out_has 'gzip bomb' 'a bomb is named'
heart out >got
same want got 'and the rest is read'

run triage --fail-on-findings attack.jsonl
status 1 '--fail-on-findings'
tail -n 1 attack.jsonl >quiet.jsonl
run triage --fail-on-findings quiet.jsonl
status 0 'and nothing was found'
perl -e 'printf("{\"eventID\":\"e%d\",\"eventTime\":\"2026-07-14T10:00:00Z\",\"eventSource\":" .
	"\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"userIdentity\":{\"type\":\"IAMUser\"," .
	"\"userName\":\"u\",\"accessKeyId\":\"AKIA%016d\"}}\n", $_, $_) for 1 .. 131080' >flood.jsonl
run triage --fail-on-findings --key AKIAEXAMPLELEAKED000 flood.jsonl attack.jsonl
status 5 'a log that holds more than is kept gives the answer of a part'
ok 'and that is said' grep -q 'more than is kept' err
out_has AKIAEXAMPLELEAKED000 'but the key that was named is found'
run triage missing.json
status 2 'nothing could be read'
out_has 'missing.json' 'and it is said what'
run triage --from 2020-01-01 --to 2020-12-31 --output json attack.jsonl
field_is 19 'events of another time are left out' sources out_of_time
run triage --from yesterday attack.jsonl
status 2 'a time that is none is no filter that drops everything'
run triage
status 2 'a file is needed'

# Athena's table, as a CSV file.
cat >athena.csv <<'EOF'
"eventversion","useridentity","eventtime","eventsource","eventname","awsregion","sourceipaddress","useragent","errorcode","errormessage","requestparameters","responseelements","eventid","recipientaccountid"
"1.08","{type=IAMUser, principalid=AIDAX, arn=arn:aws:iam::111122223333:user/alice, accountid=111122223333, invokedby=null, accesskeyid=AKIAEXAMPLELEAKED000, username=alice, sessioncontext=null}","2026-07-14T10:00:00Z","iam.amazonaws.com","CreateAccessKey","us-east-1","203.0.113.9","a ""quoted"", agent",,,"{""userName"":""bob""}","{""accessKey"":{""accessKeyId"":""AKIAEXAMPLEBOBNEW00"",""userName"":""bob""}}","e1","111122223333"
EOF
run triage --output json athena.csv
field_is key-for-another 'CSV from Athena' findings 0 rule
field_is bob 'with its parameters' findings 0 target id

# Nothing is quoted in a struct of Athena's: a name may pose as the members behind it.
for name in 'x, accesskeyid=AKIAEXAMPLEVICTIM000, arn=arn:aws:iam::111122223333:user/victim' 'x}'; do
	sed "s|username=alice|username=$name|" athena.csv >posing.csv
	run triage --output json posing.csv
	field_is 1 "a name that poses as more makes the record bad: $name" sources bad
	out_lacks VICTIM 'and nobody a target'
done

# What stands beside a key id in an alert or a log comes out nowhere: not in text or JSON, not with
# --verbose, and not in what is said of a file that is damaged in the middle of it.
key=AKIAEXAMPLELEAKED000
mkdir secrets
cat >secrets/github.json <<EOF
[{"number":1,"secret_type":"aws_access_key_id","secret":"$key","secret_type_display_name":"NEVERSHOWN"},
 {"number":2,"secret_type":"aws_secret_access_key","secret":"NEVERSHOWN"}]
EOF
cat >secrets/partner.json <<EOF
[{"token":"$key:NEVERSHOWN","type":"aws","url":"https://x/NEVERSHOWN","source":"content"}]
EOF
cat >secrets/webhook.json <<EOF
{"action":"created","alert":{"number":1,"secret_type":"aws_secret_access_key","secret":"NEVERSHOWN"}}
EOF
cat >secrets/ggshield.json <<EOF
{"entities_with_incidents":[{"incidents":[{"occurrences":[{"match":"$key","type":"client_id"},
 {"match":"NEVERSHOWN","type":"client_secret"}]}]}]}
EOF
cat >secrets/trufflehog.jsonl <<EOF
{"DetectorName":"AWS","Verified":true,"Raw":"$key","RawV2":"$key:NEVERSHOWN","Redacted":"$key","ExtraData":{"account":"111122223333","secret":"NEVERSHOWN"}}
{"DetectorName":"Slack","Raw":"NEVERSHOWN","RawV2":""}
EOF
cat >secrets/gitleaks.json <<EOF
[{"RuleID":"aws-access-token","Secret":"$key","Match":"aws_secret=NEVERSHOWN $key","Line":"NEVERSHOWN"},
 {"RuleID":"generic-api-key","Secret":"NEVERSHOWN","Match":"NEVERSHOWN"}]
EOF
cat >secrets/guardduty.json <<EOF
{"detail":{"type":"T","severity":8,"accountId":"111122223333","id":"g","service":{"x":"NEVERSHOWN"},
 "resource":{"accessKeyDetails":{"accessKeyId":"$key","userName":"alice","userType":"IAMUser","secret":"NEVERSHOWN"}}}}
EOF
cat >secrets/securityhub.json <<EOF
{"SchemaVersion":"2018-10-08","ProductArn":"arn:x","Title":"t","Description":"NEVERSHOWN","Severity":{"Label":"HIGH"},
 "Resources":[{"Type":"AwsIamAccessKey","Id":"AWS::IAM::AccessKey:$key","Details":{"Other":{"secret":"NEVERSHOWN"}}}]}
EOF
cat >secrets/health.json <<EOF
{"detail-type":"AWS Health Event","detail":{"eventTypeCode":"AWS_RISK_CREDENTIALS_EXPOSED",
 "eventDescription":[{"latestDescription":"NEVERSHOWN"}],"affectedEntities":[{"entityValue":"$key","tags":{"s":"NEVERSHOWN"}}]}}
EOF
cat >secrets/advisor.json <<EOF
{"detail":{"check-name":"Exposed Access Keys","check-item-detail":{"Access Key ID":"$key","User Name (IAM or Root)":"alice","Location":"NEVERSHOWN"}}}
EOF
cat >secrets/advisor-cli.json <<EOF
{"result":{"flaggedResources":[{"metadata":["NEVERSHOWN","$key","Exposed"]}]}}
EOF
cp attack.jsonl secrets/log.jsonl
printf '{"eventVersion":"1","responseElements":{"credentials":{"sessionToken":"NEVERSHOWN' >secrets/cut.json
for output in text json; do
	run triage --verbose --output $output secrets
	status 0 "$output: every form of alert is read"
	out_has $key "$output: the key is named"
	out_lacks NEVERSHOWN "$output: what stands beside it is not"
	ok "$output: nor in what is said about it" sh -c '! grep -q NEVERSHOWN err'
done
for rule in github ggshield trufflehog gitleaks guardduty securityhub health trusted-advisor; do
	out_has "\"alert-$rule\"" "an alert of $rule is among them"
done

finish
