#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# triage.sh PROGRAM [MEGABYTES]: how long triage takes, beside what inflating alone takes (zcat) and
# beside jq, on thousands of small gzip files and on one large file. All in one run, so that a busy
# machine is busy for each of them; the user's time counts more than the clock there.
set -eu
program=$1
megabytes=${2:-200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/tree"

# Records as they are in a log: nine of ten by services or reading, one in a hundred of IAM.
perl -e '
	use strict; use warnings;
	my ($work, $bytes) = @ARGV;
	my ($size, $n, $files, @batch) = (0, 0, 0);
	srand 1;
	my @services = qw(s3 ec2 kms logs lambda dynamodb ssm monitoring);
	sub hex_of { join "", map sprintf("%08x", int rand 2**32), 1 .. $_[0] / 8 }
	open my $big, ">", "$work/big.jsonl" or die;
	while ($size < $bytes) {
		my $service = $services[rand @services];
		my $user = int rand 3000;
		my $time = sprintf "2026-07-%02dT%02d:%02d:%02dZ", 1 + rand 28, rand 24, rand 60, rand 60;
		my $role = "r" . $user % 50;
		my $who = rand() < 0.6 ? qq({"type":"AWSService","invokedBy":"$service.amazonaws.com"}) :
			qq({"type":"AssumedRole","principalId":"AROA$role:s$user","arn":) .
			qq("arn:aws:sts::111122223333:assumed-role/$role/s$user","accountId":"111122223333",) .
			sprintf(qq("accessKeyId":"ASIA%016d",), $user) .
			qq("sessionContext":{"sessionIssuer":{"type":"Role","arn":) .
			qq("arn:aws:iam::111122223333:role/$role","userName":"$role"},"attributes":) .
			qq({"creationDate":"2026-07-01T00:00:00Z","mfaAuthenticated":"false"}}});
		my ($source, $name) = rand() < 0.007 ? ("iam", "AttachRolePolicy") :
			($service, "Describe" . $n % 30);
		my $record = qq({"eventVersion":"1.08","userIdentity":$who,"eventTime":"$time",) .
			qq("eventSource":"$source.amazonaws.com","eventName":"$name","awsRegion":) .
			qq("eu-central-1","sourceIPAddress":"198.51.100.) . $n % 250 .
			qq(","userAgent":"aws-sdk-java/2.20 Linux/5.10 OpenJDK_64-Bit_Server_VM/17",) .
			qq("requestParameters":{"bucketName":"bucket-) . $n % 100 . qq(","key":") . hex_of(32) .
			qq(","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::bucket/) . hex_of(32) .
			qq("}},"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4",) .
			qq("CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","x-amz-id-2":") . hex_of(64) .
			qq("},"requestID":") . hex_of(32) . qq(","eventID":") . hex_of(16) . "-$n" .
			qq(","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,) .
			qq("recipientAccountId":"111122223333","eventCategory":"Management"});
		print $big "$record\n";
		$size += length $record;
		$n++;
		next if $files >= 3000;
		push @batch, $record;
		next if @batch < 12;
		open my $out, "|-", sprintf("gzip -c >$work/tree/%05d.json.gz", $files++) or die;
		print $out "{\"Records\":[", join(",", @batch), "]}";
		close $out;
		@batch = ();
	}' "$work" $((megabytes * 1000000))
gzip -k "$work/big.jsonl"

# measure NAME COMMAND...: the best of three.
measure() {
	name=$1
	shift
	for _ in 1 2 3; do
		/usr/bin/env bash -c 'TIMEFORMAT="%U %R"; time "$@" >/dev/null 2>&1' - "$@" 2>&1
	done | sort -n | head -n 1 | awk -v name="$name" '{ printf "%-44s %6.2f s user %6.2f s\n", name, $1, $2 }'
}

filter='select(.eventSource == "iam.amazonaws.com") | .eventID'
echo "3000 small files, and one of $megabytes MB ($(du -m "$work/big.jsonl.gz" | cut -f 1) MB gzip)"
measure 'small files: zcat, all at once' sh -c "zcat $work/tree/*.gz"
measure 'small files: cordon triage' "$program" triage "$work/tree"
measure 'small files: zcat and jq' sh -c "zcat $work/tree/*.gz | jq -r '.Records[] | $filter'"
measure 'large file: zcat' zcat "$work/big.jsonl.gz"
measure 'large file: cordon triage' "$program" triage "$work/big.jsonl.gz"
measure 'large file: zcat and jq' sh -c "zcat $work/big.jsonl.gz | jq -r '$filter'"
"$program" triage "$work/big.jsonl.gz" >/dev/null &
child=$!
most=0
while [ -r "/proc/$child/status" ]; do
	now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$child/status" 2>/dev/null || :)
	[ -z "$now" ] || most=$now
	sleep 0.05
done
echo "large file: cordon triage, at most $((most / 1024)) MB of memory"
