"""A session of boto3 with every action of SQS; run by the tests of package interop.

It runs with an up-to-date botocore, which speaks JSON, and with an old one, which speaks Query.
"""
import hashlib
import json
import os
import threading
import time

import boto3
from botocore.exceptions import ClientError

PREFIX = os.environ["SQS_PREFIX"]
ATTRIBUTES = {
    "color": {"DataType": "String", "StringValue": "blue"},
    "count": {"DataType": "Number", "StringValue": "3"},
    "blob": {"DataType": "Binary", "BinaryValue": b"\x01\x02\x03"},
}
ATTRIBUTES_MD5 = "d838729972a4b70e2d2acd9d59ac847c"
TRACE = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
TRACE_MD5 = "62a56dd927315f2b2e12832b84617ea5"
BODY = 'r\u00e9sum\u00e9 <&> "quoted"\r\n\t\U0001f600'

sqs = boto3.client("sqs")


def main():
    jobs = queues()
    settings(jobs)
    messages(jobs)
    batches(jobs)
    long_polls(jobs)
    fifo()
    dead_letters()
    move_tasks()
    errors(jobs)
    at_its_own_address(jobs)
    strangers()
    busy()
    ends(jobs)


def queues():
    wanted = {"QueueName": PREFIX + "-jobs", "Attributes": {"VisibilityTimeout": "40"}, "tags": {"team": "red"}}
    jobs = sqs.create_queue(**wanted)["QueueUrl"]
    same(sqs.create_queue(**wanted)["QueueUrl"], jobs)
    same(sqs.get_queue_url(QueueName=PREFIX + "-jobs")["QueueUrl"], jobs)
    other = create("other")
    first = sqs.list_queues(QueueNamePrefix=PREFIX, MaxResults=1)
    same(first["QueueUrls"], [jobs])
    second = sqs.list_queues(QueueNamePrefix=PREFIX, MaxResults=1, NextToken=first["NextToken"])
    same(second["QueueUrls"], [other])
    same("NextToken" in second, False)
    same(sqs.list_queues(QueueNamePrefix=PREFIX + "-none").get("QueueUrls", []), [])
    fails(sqs.exceptions.QueueNameExists, "QueueAlreadyExists", sqs.create_queue,
          QueueName=PREFIX + "-jobs", Attributes={"VisibilityTimeout": "41"})
    return jobs


def settings(jobs):
    sqs.set_queue_attributes(QueueUrl=jobs, Attributes={"MessageRetentionPeriod": "3600", "DelaySeconds": "0"})
    got = attributes(jobs, "All")
    same({name: got[name] for name in ("VisibilityTimeout", "MessageRetentionPeriod", "ApproximateNumberOfMessages")},
         {"VisibilityTimeout": "40", "MessageRetentionPeriod": "3600", "ApproximateNumberOfMessages": "0"})
    same(got["QueueArn"].split(":")[-1], PREFIX + "-jobs")

    sqs.tag_queue(QueueUrl=jobs, Tags={"team": "blue", "cost centre": "\u00e9"})
    same(sqs.list_queue_tags(QueueUrl=jobs)["Tags"], {"team": "blue", "cost centre": "\u00e9"})
    sqs.untag_queue(QueueUrl=jobs, TagKeys=["team", "cost centre"])
    same(sqs.list_queue_tags(QueueUrl=jobs).get("Tags", {}), {})

    sqs.add_permission(QueueUrl=jobs, Label="share", AWSAccountIds=["111111111111"], Actions=["SendMessage"])
    same([s["Sid"] for s in json.loads(attributes(jobs, "Policy")["Policy"])["Statement"]], ["share"])
    sqs.remove_permission(QueueUrl=jobs, Label="share")
    same(attributes(jobs, "Policy"), {})


def messages(jobs):
    sent = sqs.send_message(QueueUrl=jobs, MessageBody=BODY, MessageAttributes=ATTRIBUTES,
                            MessageSystemAttributes=TRACE)
    same((sent["MD5OfMessageBody"], sent["MD5OfMessageAttributes"], sent["MD5OfMessageSystemAttributes"]),
         (md5(BODY), ATTRIBUTES_MD5, TRACE_MD5))
    got = receive(jobs, AttributeNames=["All"], MessageAttributeNames=["All"])[0]
    same((got["MessageId"], got["Body"], got["MD5OfBody"]), (sent["MessageId"], BODY, md5(BODY)))
    same((got["MessageAttributes"], got["MD5OfMessageAttributes"]), (ATTRIBUTES, ATTRIBUTES_MD5))
    same(got["Attributes"]["ApproximateReceiveCount"], "1")
    same(got["Attributes"]["AWSTraceHeader"], TRACE["AWSTraceHeader"]["StringValue"])
    sqs.change_message_visibility(QueueUrl=jobs, ReceiptHandle=got["ReceiptHandle"], VisibilityTimeout=0)
    again = receive(jobs, AttributeNames=["ApproximateReceiveCount"])[0]
    same(again["Attributes"], {"ApproximateReceiveCount": "2"})
    same("MessageAttributes" in again, False)
    sqs.delete_message(QueueUrl=jobs, ReceiptHandle=again["ReceiptHandle"])
    same(attributes(jobs, "All")["ApproximateNumberOfMessagesNotVisible"], "0")


def batches(jobs):
    entries = [{"Id": str(i), "MessageBody": "job %d" % i} for i in range(3)]
    entries[1]["MessageBody"] = "\x08"
    sent = sqs.send_message_batch(QueueUrl=jobs, Entries=entries)
    same([e["Id"] for e in sent["Successful"]], ["0", "2"])
    same([(e["Id"], e["SenderFault"], e["Code"]) for e in sent["Failed"]], [("1", True, "InvalidMessageContents")])
    got = receive(jobs, MaxNumberOfMessages=10)
    same([m["Body"] for m in got], ["job 0", "job 2"])
    hidden = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 60} for i, m in enumerate(got)]
    same(len(sqs.change_message_visibility_batch(QueueUrl=jobs, Entries=hidden)["Successful"]), 2)
    handles = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)]
    deleted = sqs.delete_message_batch(QueueUrl=jobs, Entries=handles + [{"Id": "bad", "ReceiptHandle": "x"}])
    same(len(deleted["Successful"]), 2)
    same([(e["Id"], e["Code"]) for e in deleted["Failed"]], [("bad", "ReceiptHandleIsInvalid")])


def long_polls(jobs):
    began = time.monotonic()
    same(sqs.receive_message(QueueUrl=jobs, WaitTimeSeconds=1).get("Messages", []), [])
    expect(0.9 < time.monotonic() - began < 5, "an empty long poll takes its second")
    sender = threading.Timer(0.5, lambda: sqs.send_message(QueueUrl=jobs, MessageBody="late"))
    sender.start()
    began = time.monotonic()
    got = sqs.receive_message(QueueUrl=jobs, WaitTimeSeconds=20)["Messages"][0]
    expect(time.monotonic() - began < 10, "a message wakes a long poll")
    sender.join()
    sqs.delete_message(QueueUrl=jobs, ReceiptHandle=got["ReceiptHandle"])


def fifo():
    url = create("jobs.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    first = sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g")
    same(len(first["SequenceNumber"]), 20)
    twin = sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g")
    same((twin["MessageId"], twin["SequenceNumber"]), (first["MessageId"], first["SequenceNumber"]))
    rest = [{"Id": str(i), "MessageBody": str(i), "MessageGroupId": "g", "MessageDeduplicationId": "d%d" % i}
            for i in range(2, 6)]
    sqs.send_message_batch(QueueUrl=url, Entries=rest)
    got = receive(url, MaxNumberOfMessages=3, AttributeNames=["All"], ReceiveRequestAttemptId="attempt")
    same([m["Body"] for m in got], ["1", "2", "3"])
    same(got[1]["Attributes"]["MessageDeduplicationId"], "d2")
    numbers = [m["Attributes"]["SequenceNumber"] for m in got]
    same(numbers, sorted(set(numbers)))
    again = receive(url, MaxNumberOfMessages=3, ReceiveRequestAttemptId="attempt")
    same([m["ReceiptHandle"] for m in again], [m["ReceiptHandle"] for m in got])
    same(receive(url), [])
    for m in got:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
    same([m["Body"] for m in receive(url, MaxNumberOfMessages=10)], ["4", "5"])


def dead_letters():
    dead = create("dead")
    arn = attributes(dead, "QueueArn")["QueueArn"]
    source = create("source", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}))
    same(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [source])
    for i in range(3):
        sqs.send_message(QueueUrl=source, MessageBody="bad %d" % i)
    same(len(receive(source, MaxNumberOfMessages=10, VisibilityTimeout=0)), 3)
    same(receive(source, MaxNumberOfMessages=10), [])
    got = receive(dead, MaxNumberOfMessages=10, AttributeNames=["All"], WaitTimeSeconds=5, VisibilityTimeout=0)
    expect(len(got) > 0, "dead letters arrive")
    same(got[0]["Attributes"]["DeadLetterQueueSourceArn"], attributes(source, "QueueArn")["QueueArn"])
    wait_until(lambda: attributes(dead, "All")["ApproximateNumberOfMessages"] == "3")


def move_tasks():
    dead, source = (sqs.get_queue_url(QueueName=PREFIX + n)["QueueUrl"] for n in ("-dead", "-source"))
    arn = attributes(dead, "QueueArn")["QueueArn"]
    slow = sqs.start_message_move_task(SourceArn=arn, MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    running = sqs.list_message_move_tasks(SourceArn=arn)["Results"][0]
    same((running["Status"], running["TaskHandle"]), ("RUNNING", slow))
    same("ApproximateNumberOfMessagesMoved" in sqs.cancel_message_move_task(TaskHandle=slow), True)
    wait_until(lambda: status(arn) == "CANCELLED")
    fails(sqs.exceptions.UnsupportedOperation, "AWS.SimpleQueueService.UnsupportedOperation",
          sqs.cancel_message_move_task, TaskHandle=slow)
    sqs.start_message_move_task(SourceArn=arn)
    wait_until(lambda: status(arn) == "COMPLETED")
    same(len(sqs.list_message_move_tasks(SourceArn=arn, MaxResults=10)["Results"]), 2)
    same(attributes(dead, "All")["ApproximateNumberOfMessages"], "0")
    wait_until(lambda: attributes(source, "All")["ApproximateNumberOfMessages"] == "3")


def status(arn):
    return sqs.list_message_move_tasks(SourceArn=arn)["Results"][0]["Status"]


def errors(jobs):
    legacy, typed = "AWS.SimpleQueueService.", sqs.exceptions
    absent = jobs + "-absent"
    fails(typed.QueueDoesNotExist, legacy + "NonExistentQueue", sqs.get_queue_url, QueueName=PREFIX + "-absent")
    fails(typed.QueueDoesNotExist, legacy + "NonExistentQueue", sqs.send_message, QueueUrl=absent, MessageBody="b")
    fails(typed.InvalidAttributeName, "InvalidAttributeName", sqs.set_queue_attributes,
          QueueUrl=jobs, Attributes={"Colour": "red"})
    fails(typed.ReceiptHandleIsInvalid, "ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=jobs, ReceiptHandle="x")
    fails(typed.InvalidMessageContents, "InvalidMessageContents", sqs.send_message, QueueUrl=jobs, MessageBody="\x08")
    fails(typed.OverLimit, "OverLimit", sqs.add_permission, QueueUrl=jobs, Label="l",
          AWSAccountIds=["111111111111"], Actions=["SendMessage"] * 8)
    entry = {"Id": "a", "MessageBody": "b"}
    for shape, entries in (
            ("EmptyBatchRequest", []),
            ("TooManyEntriesInBatchRequest", [dict(entry, Id=str(i)) for i in range(11)]),
            ("BatchEntryIdsNotDistinct", [entry, entry]),
            ("InvalidBatchEntryId", [dict(entry, Id="!")]),
            ("BatchRequestTooLong", [dict(entry, Id=str(i), MessageBody="x" * 600000) for i in range(2)])):
        fails(getattr(typed, shape), legacy + shape, sqs.send_message_batch, QueueUrl=jobs, Entries=entries)
    for code, call, members in (
            ("InvalidAttributeValue", sqs.set_queue_attributes, {"Attributes": {"DelaySeconds": "901"}}),
            ("InvalidParameterValue", sqs.receive_message, {"MaxNumberOfMessages": 11}),
            ("MissingParameter", sqs.send_message, {"MessageBody": ""})):
        fails(getattr(typed, code, ClientError), code, call, QueueUrl=jobs, **members)
    if hasattr(typed, "ResourceNotFoundException"):
        arn = attributes(jobs, "QueueArn")["QueueArn"] + "-absent"
        fails(typed.ResourceNotFoundException, "ResourceNotFoundException", sqs.list_message_move_tasks, SourceArn=arn)


def at_its_own_address(jobs):
    """Some clients, those for PHP and Ruby, send requests to the queue's URL."""
    same(boto3.client("sqs", endpoint_url=jobs).list_queue_tags(QueueUrl=jobs).get("Tags"), None)


def strangers():
    for code, key in (("InvalidClientTokenId", {"aws_access_key_id": "AKIDSTRANGER"}),
                      ("SignatureDoesNotMatch", {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"]})):
        stranger = boto3.client("sqs", aws_secret_access_key="wrong", **key)
        fails(ClientError, code, stranger.list_queues)


def busy():
    """The client tries again without a word when no leader is there."""
    client = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL_SQS"] + "/busy")
    same(client.list_queues().get("QueueUrls"), None)


def ends(jobs):
    sqs.send_message(QueueUrl=jobs, MessageBody="purged")
    sqs.purge_queue(QueueUrl=jobs)
    same(receive(jobs), [])
    fails(sqs.exceptions.PurgeQueueInProgress, "AWS.SimpleQueueService.PurgeQueueInProgress",
          sqs.purge_queue, QueueUrl=jobs)
    for url in sqs.list_queues(QueueNamePrefix=PREFIX)["QueueUrls"]:
        sqs.delete_queue(QueueUrl=url)
    fails(sqs.exceptions.QueueDeletedRecently, "AWS.SimpleQueueService.QueueDeletedRecently",
          sqs.create_queue, QueueName=PREFIX + "-jobs")


def create(name, **given):
    return sqs.create_queue(QueueName=PREFIX + "-" + name, Attributes=given)["QueueUrl"]


def receive(url, **options):
    return sqs.receive_message(QueueUrl=url, **options).get("Messages", [])


def attributes(url, name):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name]).get("Attributes", {})


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def wait_until(holds):
    deadline = time.monotonic() + 20
    while not holds():
        expect(time.monotonic() < deadline, "it happens within 20 seconds")
        time.sleep(0.1)


def fails(exception, code, call, **members):
    try:
        call(**members)
    except exception as e:
        same(e.response["Error"]["Code"], code)
    else:
        raise AssertionError("%s of %r did not fail" % (call.__name__, members))


def same(got, want):
    expect(got == want, "got %r, want %r" % (got, want))


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


main()
