// A session of the JavaScript client, version 2, at a release that still speaks Query; run by the tests of package
// interop.
const assert = require("node:assert/strict");
const AWS = require("aws-sdk");

const prefix = process.env.SQS_PREFIX;
const endpoint = process.env.AWS_ENDPOINT_URL_SQS;
const sqs = new AWS.SQS({ endpoint });

main().catch((e) => {
  console.error(e);
  process.exitCode = 1;
});

async function main() {
  const { QueueUrl } = await sqs.createQueue({ QueueName: `${prefix}-jobs`, tags: { team: "red" } }).promise();
  assert.equal(QueueUrl, `${endpoint}/000000000000/${prefix}-jobs`);
  assert.deepEqual((await sqs.listQueues({ QueueNamePrefix: prefix }).promise()).QueueUrls, [QueueUrl]);
  assert.deepEqual((await sqs.listQueueTags({ QueueUrl }).promise()).Tags, { team: "red" });
  await messages(QueueUrl);
  await batches(QueueUrl);
  await errors(QueueUrl);
  await digests(QueueUrl);
  await sqs.deleteQueue({ QueueUrl }).promise();
}

async function messages(QueueUrl) {
  const MessageBody = 'résumé <&> "quoted"\r\n\t😀';
  const MessageAttributes = {
    color: { DataType: "String", StringValue: "blue" },
    blob: { DataType: "Binary", BinaryValue: Buffer.from([1, 2, 3]) },
  };
  const sent = await sqs.sendMessage({ QueueUrl, MessageBody, MessageAttributes }).promise();
  const { Messages: [got] } = await sqs.receiveMessage({
    QueueUrl, AttributeNames: ["All"], MessageAttributeNames: ["All"], WaitTimeSeconds: 5,
  }).promise();
  assert.deepEqual([got.MessageId, got.Body], [sent.MessageId, MessageBody]);
  assert.deepEqual([...got.MessageAttributes.blob.BinaryValue], [1, 2, 3]);
  assert.equal(got.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
  assert.equal(got.Attributes.ApproximateReceiveCount, "1");
  await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle: got.ReceiptHandle, VisibilityTimeout: 60 }).promise();
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle: got.ReceiptHandle }).promise();
  assert.equal((await sqs.receiveMessage({ QueueUrl }).promise()).Messages, undefined);
}

async function batches(QueueUrl) {
  const Entries = ["one", "\b", "three"].map((MessageBody, i) => ({ Id: `${i}`, MessageBody }));
  const sent = await sqs.sendMessageBatch({ QueueUrl, Entries }).promise();
  assert.deepEqual(sent.Successful.map((e) => e.Id), ["0", "2"]);
  assert.deepEqual(sent.Failed.map((e) => [e.Id, e.SenderFault, e.Code]), [["1", true, "InvalidMessageContents"]]);
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 }).promise();
  assert.deepEqual(Messages.map((m) => m.Body), ["one", "three"]);
  const deleted = await sqs.deleteMessageBatch({
    QueueUrl, Entries: Messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle })),
  }).promise();
  assert.equal(deleted.Successful.length, 2);
}

async function errors(QueueUrl) {
  for (const [code, call] of [
    ["AWS.SimpleQueueService.NonExistentQueue", sqs.getQueueUrl({ QueueName: `${prefix}-absent` })],
    ["AWS.SimpleQueueService.NonExistentQueue", sqs.sendMessage({ QueueUrl: `${QueueUrl}-absent`, MessageBody: "b" })],
    ["ReceiptHandleIsInvalid", sqs.deleteMessage({ QueueUrl, ReceiptHandle: "x" })],
    ["InvalidAttributeName", sqs.setQueueAttributes({ QueueUrl, Attributes: { Colour: "red" } })],
  ]) {
    await assert.rejects(call.promise(), { code });
  }
}

// The client notices a body that is not the one of its digest.
async function digests(QueueUrl) {
  const damaged = (member) => new AWS.SQS({ endpoint: `${endpoint}/damage/${member}` });
  const Entries = [{ Id: "a", MessageBody: "b" }];
  for (const call of [
    damaged("MD5OfMessageBody").sendMessage({ QueueUrl, MessageBody: "b" }),
    damaged("MD5OfMessageBody").sendMessageBatch({ QueueUrl, Entries }),
    damaged("MD5OfBody").receiveMessage({ QueueUrl }),
  ]) {
    await assert.rejects(call.promise(), /MD5/);
  }
}
