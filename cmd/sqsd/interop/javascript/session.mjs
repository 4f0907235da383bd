// A session of the JavaScript client, version 3, with every action of SQS; run by the tests of package interop.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as aws from "@aws-sdk/client-sqs";

const prefix = process.env.SQS_PREFIX;
const legacy = "AWS.SimpleQueueService.";
const sqs = new aws.SQS();

const jobs = await queues();
await settings();
await messages();
await batches();
await longPolls();
await fifo();
await deadLetters();
await moveTasks();
await errors();
await strangers();
await digests();
await trouble();
await ends();

async function queues() {
  const wanted = { QueueName: `${prefix}-jobs`, Attributes: { VisibilityTimeout: "40" }, tags: { team: "red" } };
  const { QueueUrl: url } = await sqs.createQueue(wanted);
  assert.equal((await sqs.createQueue(wanted)).QueueUrl, url);
  assert.equal((await sqs.getQueueUrl({ QueueName: `${prefix}-jobs` })).QueueUrl, url);
  const other = await create("other");
  const pages = [];
  for await (const page of aws.paginateListQueues({ client: sqs, pageSize: 1 }, { QueueNamePrefix: prefix })) {
    pages.push(page.QueueUrls);
  }
  assert.deepEqual(pages, [[url], [other]]);
  await fails(aws.QueueNameExists, "QueueAlreadyExists",
    sqs.createQueue({ ...wanted, Attributes: { VisibilityTimeout: "41" } }));
  return url;
}

async function settings() {
  await sqs.setQueueAttributes({ QueueUrl: jobs, Attributes: { MessageRetentionPeriod: "3600", DelaySeconds: "0" } });
  const got = await attributes(jobs);
  assert.deepEqual([got.VisibilityTimeout, got.MessageRetentionPeriod], ["40", "3600"]);
  assert.ok(got.QueueArn.endsWith(`:${prefix}-jobs`));

  const tags = { team: "blue", "cost centre": "é" };
  await sqs.tagQueue({ QueueUrl: jobs, Tags: tags });
  assert.deepEqual((await sqs.listQueueTags({ QueueUrl: jobs })).Tags, tags);
  await sqs.untagQueue({ QueueUrl: jobs, TagKeys: Object.keys(tags) });
  assert.deepEqual((await sqs.listQueueTags({ QueueUrl: jobs })).Tags ?? {}, {});

  await sqs.addPermission({ QueueUrl: jobs, Label: "share", AWSAccountIds: ["111111111111"], Actions: ["SendMessage"] });
  assert.equal(JSON.parse((await attributes(jobs)).Policy).Statement[0].Sid, "share");
  await sqs.removePermission({ QueueUrl: jobs, Label: "share" });
  assert.equal((await attributes(jobs)).Policy, undefined);
}

async function messages() {
  const body = 'résumé <&> "quoted"\r\n\t😀';
  const given = {
    color: { DataType: "String", StringValue: "blue" },
    count: { DataType: "Number", StringValue: "3" },
    blob: { DataType: "Binary", BinaryValue: Uint8Array.of(1, 2, 3) },
  };
  const digest = "d838729972a4b70e2d2acd9d59ac847c";
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793";
  const sent = await sqs.sendMessage({
    QueueUrl: jobs, MessageBody: body, MessageAttributes: given,
    MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: trace } },
  });
  assert.equal(sent.MD5OfMessageBody, createHash("md5").update(body).digest("hex"));
  assert.equal(sent.MD5OfMessageAttributes, digest);
  assert.equal(sent.MD5OfMessageSystemAttributes, "62a56dd927315f2b2e12832b84617ea5");
  const [got] = await receive(jobs, { MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"] });
  assert.deepEqual([got.MessageId, got.Body, got.MD5OfMessageAttributes], [sent.MessageId, body, digest]);
  assert.deepEqual([...got.MessageAttributes.blob.BinaryValue], [1, 2, 3]);
  assert.equal(got.MessageAttributes.count.StringValue, "3");
  assert.equal(got.Attributes.ApproximateReceiveCount, "1");
  assert.equal(got.Attributes.AWSTraceHeader, trace);
  await sqs.changeMessageVisibility({ QueueUrl: jobs, ReceiptHandle: got.ReceiptHandle, VisibilityTimeout: 0 });
  const [again] = await receive(jobs);
  assert.deepEqual([again.Attributes, again.MessageAttributes], [undefined, undefined]);
  await sqs.deleteMessage({ QueueUrl: jobs, ReceiptHandle: again.ReceiptHandle });
  assert.equal((await attributes(jobs)).ApproximateNumberOfMessagesNotVisible, "0");
}

async function batches() {
  const entries = ["job 0", "\b", "job 2"].map((MessageBody, i) => ({ Id: `${i}`, MessageBody }));
  const sent = await sqs.sendMessageBatch({ QueueUrl: jobs, Entries: entries });
  assert.deepEqual(sent.Successful.map((e) => e.Id), ["0", "2"]);
  assert.deepEqual(sent.Failed.map((e) => [e.Id, e.SenderFault, e.Code]), [["1", true, "InvalidMessageContents"]]);
  const got = await receive(jobs, { MaxNumberOfMessages: 10 });
  assert.deepEqual(got.map((m) => m.Body), ["job 0", "job 2"]);
  const handles = got.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }));
  const hidden = await sqs.changeMessageVisibilityBatch({
    QueueUrl: jobs, Entries: handles.map((e) => ({ ...e, VisibilityTimeout: 60 })),
  });
  assert.equal(hidden.Successful.length, 2);
  const deleted = await sqs.deleteMessageBatch({
    QueueUrl: jobs, Entries: [...handles, { Id: "bad", ReceiptHandle: "x" }],
  });
  assert.equal(deleted.Successful.length, 2);
  assert.deepEqual(deleted.Failed.map((e) => [e.Id, e.Code]), [["bad", "ReceiptHandleIsInvalid"]]);
}

async function longPolls() {
  let began = performance.now();
  assert.deepEqual(await receive(jobs, { WaitTimeSeconds: 1 }), []);
  const took = performance.now() - began;
  assert.ok(took > 900 && took < 5000, `an empty long poll of a second took ${took} ms`);
  began = performance.now();
  const poll = receive(jobs, { WaitTimeSeconds: 20 });
  await sleep(500);
  await sqs.sendMessage({ QueueUrl: jobs, MessageBody: "late" });
  const [got] = await poll;
  assert.ok(performance.now() - began < 10000, "a message wakes a long poll");
  await sqs.deleteMessage({ QueueUrl: jobs, ReceiptHandle: got.ReceiptHandle });
}

async function fifo() {
  const url = await create("jobs.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
  const message = { QueueUrl: url, MessageBody: "1", MessageGroupId: "g" };
  const first = await sqs.sendMessage(message);
  assert.match(first.SequenceNumber, /^\d{20}$/);
  const twin = await sqs.sendMessage(message);
  assert.deepEqual([twin.MessageId, twin.SequenceNumber], [first.MessageId, first.SequenceNumber]);
  await sqs.sendMessageBatch({
    QueueUrl: url,
    Entries: ["2", "3", "4", "5"].map((i) => (
      { Id: i, MessageBody: i, MessageGroupId: "g", MessageDeduplicationId: `d${i}` })),
  });
  const attempt = {
    MaxNumberOfMessages: 3, MessageSystemAttributeNames: ["All"], ReceiveRequestAttemptId: "attempt",
  };
  const got = await receive(url, attempt);
  assert.deepEqual(got.map((m) => m.Body), ["1", "2", "3"]);
  assert.equal(got[1].Attributes.MessageDeduplicationId, "d2");
  const numbers = got.map((m) => m.Attributes.SequenceNumber);
  assert.deepEqual(numbers, [...new Set(numbers)].sort());
  const again = await receive(url, attempt);
  assert.deepEqual(again.map((m) => m.ReceiptHandle), got.map((m) => m.ReceiptHandle));
  assert.deepEqual(await receive(url), []);
  for (const { ReceiptHandle } of got) await sqs.deleteMessage({ QueueUrl: url, ReceiptHandle });
  assert.deepEqual((await receive(url, { MaxNumberOfMessages: 10 })).map((m) => m.Body), ["4", "5"]);
}

async function deadLetters() {
  const dead = await create("dead");
  const deadLetterTargetArn = (await attributes(dead)).QueueArn;
  const source = await create("source", { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) });
  assert.deepEqual((await sqs.listDeadLetterSourceQueues({ QueueUrl: dead })).queueUrls, [source]);
  for (const i of [0, 1, 2]) await sqs.sendMessage({ QueueUrl: source, MessageBody: `bad ${i}` });
  assert.equal((await receive(source, { MaxNumberOfMessages: 10, VisibilityTimeout: 0 })).length, 3);
  assert.deepEqual(await receive(source, { MaxNumberOfMessages: 10 }), []);
  await waitUntil(async () => (await attributes(dead)).ApproximateNumberOfMessages === "3");
  const [got] = await receive(dead, { MessageSystemAttributeNames: ["All"], VisibilityTimeout: 0 });
  assert.equal(got.Attributes.DeadLetterQueueSourceArn, (await attributes(source)).QueueArn);
}

async function moveTasks() {
  const [dead, source] = [await create("dead"), await create("source")];
  const { QueueArn: SourceArn } = await attributes(dead);
  const tasks = async () => (await sqs.listMessageMoveTasks({ SourceArn, MaxResults: 10 })).Results;
  const { TaskHandle } = await sqs.startMessageMoveTask({ SourceArn, MaxNumberOfMessagesPerSecond: 1 });
  const [running] = await tasks();
  assert.deepEqual([running.Status, running.TaskHandle], ["RUNNING", TaskHandle]);
  assert.equal(typeof (await sqs.cancelMessageMoveTask({ TaskHandle })).ApproximateNumberOfMessagesMoved, "number");
  await waitUntil(async () => (await tasks())[0].Status === "CANCELLED");
  await fails(aws.UnsupportedOperation, `${legacy}UnsupportedOperation`, sqs.cancelMessageMoveTask({ TaskHandle }));
  await sqs.startMessageMoveTask({ SourceArn });
  await waitUntil(async () => (await tasks())[0].Status === "COMPLETED");
  assert.equal((await tasks()).length, 2);
  assert.equal((await attributes(dead)).ApproximateNumberOfMessages, "0");
  await waitUntil(async () => (await attributes(source)).ApproximateNumberOfMessages === "3");
}

async function errors() {
  const to = { QueueUrl: jobs };
  const entry = { Id: "a", MessageBody: "b" };
  const arn = (await attributes(jobs)).QueueArn;
  const eleven = Array.from({ length: 11 }, (_, i) => ({ ...entry, Id: `${i}` }));
  const long = ["0", "1"].map((Id) => ({ Id, MessageBody: "x".repeat(600000) }));
  for (const [type, code, call, members] of [
    [aws.QueueDoesNotExist, `${legacy}NonExistentQueue`, "getQueueUrl", { QueueName: `${prefix}-absent` }],
    [aws.QueueDoesNotExist, `${legacy}NonExistentQueue`, "sendMessage", { QueueUrl: `${jobs}-absent`, MessageBody: "b" }],
    [aws.InvalidAttributeName, "InvalidAttributeName", "setQueueAttributes", { ...to, Attributes: { Colour: "red" } }],
    [aws.InvalidAttributeValue, "InvalidAttributeValue", "setQueueAttributes", { ...to, Attributes: { DelaySeconds: "901" } }],
    [aws.ReceiptHandleIsInvalid, "ReceiptHandleIsInvalid", "deleteMessage", { ...to, ReceiptHandle: "x" }],
    [aws.InvalidMessageContents, "InvalidMessageContents", "sendMessage", { ...to, MessageBody: "\b" }],
    [aws.OverLimit, "OverLimit", "addPermission",
      { ...to, Label: "l", AWSAccountIds: ["111111111111"], Actions: Array(8).fill("SendMessage") }],
    [aws.EmptyBatchRequest, `${legacy}EmptyBatchRequest`, "sendMessageBatch", { ...to, Entries: [] }],
    [aws.TooManyEntriesInBatchRequest, `${legacy}TooManyEntriesInBatchRequest`, "sendMessageBatch", { ...to, Entries: eleven }],
    [aws.BatchEntryIdsNotDistinct, `${legacy}BatchEntryIdsNotDistinct`, "sendMessageBatch", { ...to, Entries: [entry, entry] }],
    [aws.InvalidBatchEntryId, `${legacy}InvalidBatchEntryId`, "sendMessageBatch", { ...to, Entries: [{ ...entry, Id: "!" }] }],
    [aws.BatchRequestTooLong, `${legacy}BatchRequestTooLong`, "sendMessageBatch", { ...to, Entries: long }],
    [aws.ResourceNotFoundException, "ResourceNotFoundException", "listMessageMoveTasks", { SourceArn: `${arn}-absent` }],
    [aws.SQSServiceException, "InvalidParameterValue", "receiveMessage", { ...to, MaxNumberOfMessages: 11 }],
    [aws.SQSServiceException, "MissingParameter", "sendMessage", { ...to, MessageBody: "" }],
  ]) {
    await fails(type, code, sqs[call](members));
  }
}

async function strangers() {
  for (const [code, accessKeyId] of [
    ["InvalidClientTokenId", "AKIDSTRANGER"], ["SignatureDoesNotMatch", process.env.AWS_ACCESS_KEY_ID],
  ]) {
    const stranger = new aws.SQS({ credentials: { accessKeyId, secretAccessKey: "wrong" } });
    await fails(aws.SQSServiceException, code, stranger.listQueues({}));
  }
}

// The client notices a body that is not the one of its digest.
async function digests() {
  const damaged = (member) => elsewhere(`/damage/${member}`);
  const message = { QueueUrl: jobs, MessageBody: "b" };
  const Entries = [{ Id: "a", MessageBody: "b" }];
  await assert.rejects(damaged("MD5OfMessageBody").sendMessage(message), /InvalidChecksumError/);
  await assert.rejects(damaged("MD5OfMessageBody").sendMessageBatch({ QueueUrl: jobs, Entries }), /Invalid MD5/);
  await assert.rejects(damaged("MD5OfBody").receiveMessage({ QueueUrl: jobs }), /Invalid MD5/);
}

// The client tries again without a word when no leader is there, and with the server's time when its own is wrong.
async function trouble() {
  for (const path of ["/busy", "/ahead"]) assert.equal((await elsewhere(path).listQueues({})).QueueUrls, undefined);
}

function elsewhere(path) {
  return new aws.SQS({ endpoint: process.env.AWS_ENDPOINT_URL_SQS + path });
}

async function ends() {
  await sqs.sendMessage({ QueueUrl: jobs, MessageBody: "purged" });
  await sqs.purgeQueue({ QueueUrl: jobs });
  assert.deepEqual(await receive(jobs), []);
  await fails(aws.PurgeQueueInProgress, `${legacy}PurgeQueueInProgress`, sqs.purgeQueue({ QueueUrl: jobs }));
  for (const QueueUrl of (await sqs.listQueues({ QueueNamePrefix: prefix })).QueueUrls) await sqs.deleteQueue({ QueueUrl });
  await fails(aws.QueueDeletedRecently, `${legacy}QueueDeletedRecently`, sqs.createQueue({ QueueName: `${prefix}-jobs` }));
}

async function create(name, Attributes) {
  return (await sqs.createQueue({ QueueName: `${prefix}-${name}`, Attributes })).QueueUrl;
}

async function receive(QueueUrl, options) {
  return (await sqs.receiveMessage({ QueueUrl, ...options })).Messages ?? [];
}

async function attributes(QueueUrl) {
  return (await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] })).Attributes;
}

async function waitUntil(holds) {
  const deadline = performance.now() + 20000;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `within 20 seconds: ${holds}`);
    await sleep(100);
  }
}

async function fails(type, code, call) {
  await assert.rejects(call, (e) => {
    assert.ok(e instanceof type, `${e} is no ${type.name}`);
    assert.equal(e.Error?.Code ?? e.Code ?? e.name, code);
    return true;
  });
}
