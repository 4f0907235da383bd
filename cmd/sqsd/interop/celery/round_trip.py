"""Celery with its SQS transport: jobs are done once, a failing job comes again and ends in the dead-letter queue.

Run by the tests of package interop; the worker imports this file too.
"""
import collections
import json
import os
import subprocess
import sys
import time
from urllib.parse import quote, urlsplit

import boto3
from celery import Celery

PREFIX = os.environ["SQS_PREFIX"] + "-"
ENDPOINT = os.environ["AWS_ENDPOINT_URL_SQS"]
JOBS = 25
RUNS = "runs.txt"  # one line for every run of a job

app = Celery("round_trip", broker="sqs://%s:%s@%s" % (
    quote(os.environ["AWS_ACCESS_KEY_ID"], safe=""), quote(os.environ["AWS_SECRET_ACCESS_KEY"], safe=""),
    urlsplit(ENDPOINT).netloc))
app.conf.update(
    broker_transport_options={
        "region": os.environ["AWS_REGION"], "is_secure": False, "queue_name_prefix": PREFIX,
        "visibility_timeout": 5, "wait_time_seconds": 1,
    },
    task_default_queue="tasks", task_acks_late=True, task_acks_on_failure_or_timeout=False,
    worker_enable_remote_control=False, worker_prefetch_multiplier=1,
)


@app.task
def work(n):
    with open(RUNS, "a") as runs:
        runs.write("%d\n" % n)
    if n == 0:
        raise ValueError("job 0 always fails")


def main():
    sqs = boto3.client("sqs")
    dead = sqs.create_queue(QueueName=PREFIX + "dead")["QueueUrl"]
    arn = attribute(sqs, dead, "QueueArn")
    tasks = sqs.create_queue(QueueName=PREFIX + "tasks", Attributes={
        "VisibilityTimeout": "5", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}),
    })["QueueUrl"]
    open(RUNS, "w").close()
    for n in range(JOBS):
        work.delay(n)
    worker = subprocess.Popen([
        sys.executable, "-m", "celery", "-A", "round_trip", "worker", "--pool", "solo", "--loglevel", "warning",
        "--without-mingle", "--without-gossip", "--without-heartbeat"])
    try:
        deadline = time.monotonic() + 90
        while attribute(sqs, dead, "ApproximateNumberOfMessages") != "1" or sum(counters(sqs, tasks)) > 0:
            assert worker.poll() is None, "the worker ended"
            assert time.monotonic() < deadline, "%s left, runs: %s" % (counters(sqs, tasks), runs())
            time.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(20)
    assert runs() == {n: 1 for n in range(JOBS)} | {0: 3}, runs()


def attribute(sqs, url, name):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]


def counters(sqs, url):
    return [int(attribute(sqs, url, "ApproximateNumberOfMessages" + kind)) for kind in ("", "NotVisible", "Delayed")]


def runs():
    with open(RUNS) as lines:
        return dict(collections.Counter(int(line) for line in lines))


if __name__ == "__main__":
    main()
