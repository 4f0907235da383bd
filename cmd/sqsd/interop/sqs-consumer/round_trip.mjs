// sqs-consumer: jobs are done once, a job that failed comes again, one that always fails ends in the dead-letter queue.
// Run by the tests of package interop.
import assert from "node:assert/strict";
import { once } from "node:events";
import { SQS } from "@aws-sdk/client-sqs";
import { Consumer } from "sqs-consumer";

const prefix = process.env.SQS_PREFIX;
const jobs = 25;
const sqs = new SQS();

const { QueueUrl: dead } = await sqs.createQueue({ QueueName: `${prefix}-dead` });
const { Attributes: { QueueArn } } = await sqs.getQueueAttributes({ QueueUrl: dead, AttributeNames: ["QueueArn"] });
const { QueueUrl: queueUrl } = await sqs.createQueue({
  QueueName: `${prefix}-jobs`,
  Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount: 3 }) },
});
for (let n = 0; n < jobs; n++) await sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: `${n}` });

const runs = Array(jobs).fill(0);
const consumer = Consumer.create({
  queueUrl, sqs, batchSize: 10, waitTimeSeconds: 1,
  terminateVisibilityTimeout: true, // give a failed job back at once
  handleMessage: async (message) => {
    const n = Number(message.Body);
    runs[n]++;
    if (n === 0 || (n === 1 && runs[n] === 1)) throw new Error(`job ${n} fails`);
    return message;
  },
});
const unexpected = [];
consumer.on("error", (e) => unexpected.push(e));
consumer.on("processing_error", () => {});
consumer.start();
const { Messages: [given] } = await sqs.receiveMessage({ QueueUrl: dead, WaitTimeSeconds: 20 });
await once(consumer, "empty");
const stopped = once(consumer, "stopped");
consumer.stop();
await stopped;

assert.equal(given.Body, "0");
assert.deepEqual(runs, [3, 2, ...Array(jobs - 2).fill(1)]);
assert.deepEqual(unexpected, []);
const { Attributes: left } = await sqs.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ["All"] });
assert.deepEqual([left.ApproximateNumberOfMessages, left.ApproximateNumberOfMessagesNotVisible], ["0", "0"]);
