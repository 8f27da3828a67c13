# SPDX-License-Identifier: Apache-2.0
"""boto.py URL CALLS: sends a list of calls one after the other, as a careful script does: one session, kept connections."""

import json
import sys

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

url, path = sys.argv[1:]
config = Config(retries={"total_max_attempts": 1})
session = boto3.Session()
clients = {}
with open(path, encoding="utf-8") as file:
    calls = json.load(file)
for service, action, params in calls:
    if service not in clients:
        clients[service] = session.client(service, endpoint_url=url, config=config)
    try:
        getattr(clients[service], xform_name(action))(**params)
    except ClientError:
        pass
