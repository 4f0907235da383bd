package wire

import (
	"fmt"
	"strings"
)

// refusal is a bad call, with its parameters as JSON, and the code that it must be answered with.
type refusal struct {
	name, operation, body string
	want                  Code
}

const (
	sendTo    = `{"QueueUrl":"http://sqs.test/000000000000/q",`
	sendBody  = sendTo + `"MessageBody":"b",`
	otherName = `{"QueueUrl":"http://sqs.test/000000000000/absent",`
	moveFrom  = `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead",`

	sendToFIFO = `{"QueueUrl":"http://sqs.test/000000000000/q.fifo",`
)

func text(n int) string { return strings.Repeat("x", n) }

func attribute(name, members string) string {
	return sendBody + `"MessageAttributes":{"` + name + `":{` + members + `}}}`
}

func batch(entries ...string) string {
	return sendTo + `"Entries":[` + strings.Join(entries, ",") + `]}`
}

func entries(n, bodyLength int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"Id":"%d","MessageBody":"%s","ReceiptHandle":"h"}`, i, text(bodyLength)))
	}
	return batch(list...)
}

func create(members string) string { return `{"QueueName":"q",` + members + `}` }

func manyAttributes(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"a%d":{"DataType":"String","StringValue":"v"}`, i))
	}
	return sendBody + `"MessageAttributes":{` + strings.Join(list, ",") + `}}`
}

func manyTags(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`"k%d":"v"`, i))
	}
	return create(`"tags":{` + strings.Join(list, ",") + `}`)
}

func permit(label, accounts, actions string) string {
	return sendTo + `"Label":"` + label + `","AWSAccountIds":[` + accounts + `],"Actions":[` + actions + `]}`
}

// refusals are the same in both protocols; they follow sqs-semantics 2 to 5 and 9.
var refusals = []refusal{
	{"queue: URL without a queue", "PurgeQueue", `{"QueueUrl":"http://sqs.test/"}`, QueueDoesNotExist},
	{"queue: URL of another account", "PurgeQueue", `{"QueueUrl":"http://sqs.test/123456789012/q"}`, QueueDoesNotExist},
	{"queue: URL with a bad name", "DeleteQueue", `{"QueueUrl":"http://sqs.test/000000000000/a.b"}`, QueueDoesNotExist},
	{"queue: absent before bad content", "SendMessage", otherName + `"MessageBody":"\u0000"}`, QueueDoesNotExist},
	{"queue: absent before empty batch", "SendMessageBatch", otherName + `"Entries":[]}`, QueueDoesNotExist},
	{"queue: missing member before absent queue", "SendMessage", otherName + `"DelaySeconds":1}`, MissingParameter},
	{"queue: missing member before absent queue", "ChangeMessageVisibility", otherName + `"ReceiptHandle":"h"}`, MissingParameter},

	{"name: missing", "CreateQueue", `{}`, MissingParameter},
	{"name: bad character", "CreateQueue", `{"QueueName":"a.b"}`, InvalidParameterValue},
	{"name: .fifo without FifoQueue", "CreateQueue", `{"QueueName":"q.fifo"}`, InvalidParameterValue},
	{"name: .fifo with FifoQueue false", "CreateQueue", `{"QueueName":"q.fifo","Attributes":{"FifoQueue":"false"}}`, InvalidParameterValue},
	{"name: FifoQueue without .fifo", "CreateQueue", create(`"Attributes":{"FifoQueue":"true"}`), InvalidParameterValue},
	{"name: missing in GetQueueUrl", "GetQueueUrl", `{}`, InvalidParameterValue},
	{"name: bad in GetQueueUrl", "GetQueueUrl", `{"QueueName":"a b"}`, InvalidParameterValue},
	{"name: of another account", "GetQueueUrl", `{"QueueName":"q","QueueOwnerAWSAccountId":"123456789012"}`, QueueDoesNotExist},
	{"name: unknown in GetQueueUrl", "GetQueueUrl", `{"QueueName":"absent"}`, QueueDoesNotExist},

	{"attribute: unknown name", "CreateQueue", create(`"Attributes":{"Colour":"red"}`), InvalidAttributeName},
	{"attribute: read-only", "CreateQueue", create(`"Attributes":{"QueueArn":"x"}`), InvalidAttributeName},
	{"attribute: FifoQueue false on a standard queue", "CreateQueue", create(`"Attributes":{"FifoQueue":"false"}`), InvalidAttributeName},
	{"attribute: FIFO only", "SetQueueAttributes", sendTo + `"Attributes":{"ContentBasedDeduplication":"true"}}`, InvalidAttributeName},
	{"attribute: FIFO only", "SetQueueAttributes", sendTo + `"Attributes":{"DeduplicationScope":"queue"}}`, InvalidAttributeName},
	{"attribute: not an integer", "SetQueueAttributes", sendTo + `"Attributes":{"VisibilityTimeout":"x"}}`, InvalidAttributeValue},
	{"attribute: bad policy", "SetQueueAttributes", sendTo + `"Attributes":{"Policy":"{"}}`, InvalidAttributeValue},
	{"attribute: bad redrive policy", "SetQueueAttributes", sendTo + `"Attributes":{"RedrivePolicy":"{}"}}`, InvalidParameterValue},
	{"attribute: two kinds of encryption", "CreateQueue",
		create(`"Attributes":{"KmsMasterKeyId":"k","SqsManagedSseEnabled":"true"}`), InvalidAttributeName},
	{"attribute: none to set", "SetQueueAttributes", sendTo + `"Attributes":{}}`, MissingParameter},
	{"attribute: unknown name to get", "GetQueueAttributes", sendTo + `"AttributeNames":["All","Colour"]}`, InvalidAttributeName},
	{"attribute: too many names to get", "GetQueueAttributes", sendTo + `"AttributeNames":[` + list(`"All"`, 257) + `]}`, InvalidParameterValue},

	{"tags: empty key", "CreateQueue", create(`"tags":{"":"v"}`), InvalidParameterValue},
	{"tags: bad character", "CreateQueue", create(`"tags":{"k!":"v"}`), InvalidParameterValue},
	{"tags: reserved prefix", "CreateQueue", create(`"tags":{"aws:k":"v"}`), InvalidParameterValue},

	{"list: MaxResults beyond int32", "ListQueues", `{"MaxResults":4294967297}`, InvalidParameterValue},
	{"list: bad token", "ListQueues", `{"NextToken":"x"}`, InvalidParameterValue},

	{"body: missing", "SendMessage", sendTo + `"DelaySeconds":1}`, MissingParameter},
	{"body: control character", "SendMessage", sendTo + `"MessageBody":"\u0008"}`, InvalidMessageContents},
	{"body: U+FFFE", "SendMessage", sendTo + `"MessageBody":"\ufffe"}`, InvalidMessageContents},
	{"delay: 901 as text", "SendMessage", sendBody + `"DelaySeconds":"901"}`, InvalidParameterValue},
	{"delay: wraps to 0 in 32 bits", "SendMessage", sendBody + `"DelaySeconds":4294967296}`, InvalidParameterValue},
	{"group id: space", "SendMessage", sendBody + `"MessageGroupId":"a b"}`, InvalidParameterValue},
	{"dedup id: on a standard queue", "SendMessage", sendBody + `"MessageDeduplicationId":"d"}`, InvalidParameterValue},

	{"message attributes: bad name", "SendMessage", attribute("AWS.x", `"DataType":"String","StringValue":"v"`), InvalidParameterValue},
	{"message attributes: two dots", "SendMessage", attribute("a..b", `"DataType":"String","StringValue":"v"`), InvalidParameterValue},
	{"message attributes: no type", "SendMessage", attribute("a", `"StringValue":"v"`), InvalidParameterValue},
	{"message attributes: unknown type", "SendMessage", attribute("a", `"DataType":"Float","StringValue":"1"`), InvalidParameterValue},
	{"message attributes: no value", "SendMessage", attribute("a", `"DataType":"String"`), InvalidParameterValue},
	{"message attributes: empty value", "SendMessage", attribute("a", `"DataType":"String","StringValue":""`), InvalidParameterValue},
	{"message attributes: bad character", "SendMessage", attribute("a", `"DataType":"String","StringValue":"\u0001"`), InvalidParameterValue},
	{"message attributes: not a number", "SendMessage", attribute("a", `"DataType":"Number","StringValue":"x"`), InvalidParameterValue},
	{"message attributes: list", "SendMessage", attribute("a", `"DataType":"String","StringListValues":["v"]`), UnsupportedOperation},
	{"system attributes: unknown", "SendMessage",
		sendBody + `"MessageSystemAttributes":{"SenderId":{"DataType":"String","StringValue":"v"}}}`, InvalidParameterValue},
	{"system attributes: not a String", "SendMessage",
		sendBody + `"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"Number","StringValue":"1"}}}`, InvalidParameterValue},
	{"system attributes: list", "SendMessage",
		sendBody + `"MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","StringListValues":["1"]}}}`, UnsupportedOperation},

	{"batch: no entries", "SendMessageBatch", batch(), EmptyBatchRequest},
	{"batch: entries missing", "DeleteMessageBatch", sendTo + `"Other":1}`, EmptyBatchRequest},
	{"batch: no entries", "ChangeMessageVisibilityBatch", batch(), EmptyBatchRequest},
	{"batch: no id", "DeleteMessageBatch", batch(`{"ReceiptHandle":"h"}`), InvalidBatchEntryID},
	{"batch: bad character in id", "ChangeMessageVisibilityBatch", batch(`{"Id":"a.b"}`), InvalidBatchEntryID},
	{"batch: bad id before same ids", "SendMessageBatch", batch(`{"Id":"a"}`, `{"Id":"a"}`, `{"Id":"!"}`), InvalidBatchEntryID},
	{"batch: same ids", "SendMessageBatch", batch(`{"Id":"a"}`, `{"Id":"b"}`, `{"Id":"a"}`), BatchEntryIdsNotDistinct},
	{"batch: same ids", "DeleteMessageBatch", batch(`{"Id":"a"}`, `{"Id":"a"}`), BatchEntryIdsNotDistinct},
	{"batch: same ids", "ChangeMessageVisibilityBatch", batch(`{"Id":"a"}`, `{"Id":"a"}`), BatchEntryIdsNotDistinct},
	{"batch: count before size", "SendMessageBatch", entries(11, MaxMessageBytes/10), TooManyEntriesInBatchRequest},
	{"batch: count before bad id", "DeleteMessageBatch", batch(strings.Split(list(`{"Id":"!"}`, 11), ",")...), TooManyEntriesInBatchRequest},
	{"batch: same ids before size", "SendMessageBatch",
		batch(`{"Id":"a","MessageBody":"`+text(MaxMessageBytes)+`"}`, `{"Id":"a","MessageBody":"b"}`), BatchEntryIdsNotDistinct},

	{"receive: too many names", "ReceiveMessage", sendTo + `"MessageAttributeNames":[` + list(`"a"`, 257) + `]}`, InvalidParameterValue},

	{"delete: no handle", "DeleteMessage", sendTo + `"x":1}`, MissingParameter},
	{"visibility: no handle", "ChangeMessageVisibility", sendTo + `"VisibilityTimeout":1}`, MissingParameter},
	{"visibility: no timeout before bad handle", "ChangeMessageVisibility",
		sendTo + `"ReceiptHandle":"` + text(1025) + `"}`, MissingParameter},

	{"fifo: no group id", "SendMessage", sendToFIFO + `"MessageBody":"b"}`, MissingParameter},
	{"fifo: empty group id", "SendMessage", sendToFIFO + `"MessageBody":"b","MessageGroupId":""}`, InvalidParameterValue},
	{"fifo: space in group id", "SendMessage", sendToFIFO + `"MessageBody":"b","MessageGroupId":"a b"}`, InvalidParameterValue},
	{"fifo: empty dedup id", "SendMessage",
		sendToFIFO + `"MessageBody":"b","MessageGroupId":"g","MessageDeduplicationId":""}`, InvalidParameterValue},
	{"fifo: delay", "SendMessage", sendToFIFO + `"MessageBody":"b","MessageGroupId":"g","DelaySeconds":1}`, InvalidParameterValue},
	{"fifo: entry without group id", "SendMessageBatch",
		sendToFIFO + `"Entries":[{"Id":"1","MessageBody":"b","MessageGroupId":"g"},{"Id":"2","MessageBody":"b"}]}`, InvalidParameterValue},
	{"fifo: batch too long before entry without group id", "SendMessageBatch",
		sendToFIFO + `"Entries":[{"Id":"1","MessageBody":"` + text(MaxMessageBytes+1) + `"}]}`, BatchRequestTooLong},
	{"fifo: entry without group id before bad body", "SendMessageBatch",
		sendToFIFO + `"Entries":[{"Id":"1","MessageBody":"\u0000"}]}`, InvalidParameterValue},
	{"fifo: bad attempt id", "ReceiveMessage", sendToFIFO + `"ReceiveRequestAttemptId":"a b"}`, InvalidParameterValue},
	{"fifo: FifoQueue false", "SetQueueAttributes", sendToFIFO + `"Attributes":{"FifoQueue":"false"}}`, InvalidAttributeValue},
	{"fifo: bad scope", "SetQueueAttributes", sendToFIFO + `"Attributes":{"DeduplicationScope":"group"}}`, InvalidAttributeValue},
	{"fifo: limit per group without scope", "CreateQueue",
		`{"QueueName":"n.fifo","Attributes":{"FifoQueue":"true","FifoThroughputLimit":"perMessageGroupId"}}`, InvalidAttributeValue},
	{"fifo: limit per group with scope queue", "CreateQueue", `{"QueueName":"n.fifo","Attributes":{"FifoQueue":"true",` +
		`"DeduplicationScope":"queue","FifoThroughputLimit":"perMessageGroupId"}}`, InvalidAttributeValue},

	{"sources: bad token", "ListDeadLetterSourceQueues", sendTo + `"NextToken":"x"}`, InvalidParameterValue},

	{"tags: none", "TagQueue", sendTo + `"Tags":{}}`, MissingParameter},
	{"tags: missing", "TagQueue", sendTo + `"x":1}`, MissingParameter},
	{"tags: empty key", "TagQueue", sendTo + `"Tags":{"":"v"}}`, InvalidParameterValue},
	{"tags: reserved prefix", "TagQueue", sendTo + `"Tags":{"AWS:k":"v"}}`, InvalidParameterValue},
	{"tags: no keys", "UntagQueue", sendTo + `"TagKeys":[]}`, InvalidParameterValue},
	{"tags: keys missing", "UntagQueue", sendTo + `"x":1}`, InvalidParameterValue},
	{"tags: bad key", "UntagQueue", sendTo + `"TagKeys":["k","!"]}`, InvalidParameterValue},
	{"tags: too many keys", "UntagQueue", sendTo + `"TagKeys":[` + list(`"k"`, 257) + `]}`, InvalidParameterValue},

	{"permission: no label", "AddPermission", sendTo + `"AWSAccountIds":["111111111111"],"Actions":["*"]}`, MissingParameter},
	{"permission: bad label", "AddPermission", permit("a.b", `"111111111111"`, `"*"`), InvalidParameterValue},
	{"permission: no actions", "AddPermission", permit("l", `"111111111111"`, ``), MissingParameter},
	{"permission: unknown action", "AddPermission", permit("l", `"111111111111"`, `"StealMessage"`), InvalidParameterValue},
	{"permission: the owner's action", "AddPermission", permit("l", `"111111111111"`, `"SetQueueAttributes"`), InvalidParameterValue},
	{"permission: batch action", "AddPermission", permit("l", `"111111111111"`, `"SendMessageBatch"`), InvalidParameterValue},
	{"permission: no accounts", "AddPermission", permit("l", ``, `"*"`), InvalidParameterValue},
	{"permission: bad account", "AddPermission", permit("l", `"11111111111"`, `"*"`), InvalidParameterValue},
	{"permission: no label", "RemovePermission", sendTo + `"x":1}`, MissingParameter},
	{"permission: bad label", "RemovePermission", sendTo + `"Label":"a b"}`, InvalidParameterValue},

	{"move: no source", "StartMessageMoveTask", `{"DestinationArn":"arn:aws:sqs:r:000000000000:d"}`, MissingParameter},
	{"move: bad source", "StartMessageMoveTask", `{"SourceArn":"q"}`, InvalidParameterValue},
	{"move: bad destination", "StartMessageMoveTask", moveFrom + `"DestinationArn":"q"}`, InvalidParameterValue},
	{"move: to itself", "StartMessageMoveTask",
		moveFrom + `"DestinationArn":"arn:aws:sqs:us-east-1:000000000000:dead"}`, InvalidParameterValue},
	{"move: to another type", "StartMessageMoveTask",
		moveFrom + `"DestinationArn":"arn:aws:sqs:us-east-1:000000000000:q.fifo"}`, InvalidParameterValue},
	{"move: no handle", "CancelMessageMoveTask", `{}`, MissingParameter},
	{"move: bad handle", "CancelMessageMoveTask", `{"TaskHandle":"h"}`, InvalidParameterValue},
	{"move: no source", "ListMessageMoveTasks", `{}`, MissingParameter},
	{"move: bad source", "ListMessageMoveTasks", `{"SourceArn":"arn:aws:sns:r:000000000000:q"}`, InvalidParameterValue},
}

// jsonRefusals can only be said, or are only answered so, in the JSON protocol (sqs-semantics 1.2, 3.1, 9).
var jsonRefusals = []refusal{
	{"protocol: empty body", "ListQueues", ``, Serialization},
	{"protocol: not JSON", "ListQueues", `{`, Serialization},
	{"protocol: more after the object", "ListQueues", `{} {}`, Serialization},
	{"protocol: list", "ListQueues", `[]`, Serialization},
	{"protocol: null", "ListQueues", `null`, Serialization},
	{"protocol: string", "ListQueues", `"{}"`, Serialization},
	{"protocol: invalid UTF-8", "SendMessage", sendTo + "\"MessageBody\":\"\xff\"}", Serialization},
	{"protocol: member twice", "SendMessage", sendBody + `"MessageBody":"c"}`, Serialization},
	{"protocol: number for a string", "SendMessage", sendTo + `"MessageBody":1}`, Serialization},
	{"protocol: number for a map value", "CreateQueue", create(`"Attributes":{"DelaySeconds":1}`), Serialization},
	{"protocol: list for a map", "CreateQueue", create(`"Attributes":[]`), Serialization},
	{"protocol: text for an integer", "ReceiveMessage", sendTo + `"WaitTimeSeconds":"soon"}`, Serialization},
	{"protocol: fraction for an integer", "ReceiveMessage", sendTo + `"WaitTimeSeconds":1.5}`, Serialization},
	{"protocol: map for a list", "SendMessageBatch", sendTo + `"Entries":{}}`, Serialization},
	{"protocol: bad base64", "SendMessage", attribute("a", `"DataType":"Binary","BinaryValue":"*"`), Serialization},
	{"protocol: unknown operation", "StealMessage", `{}`, UnknownOperation},
	{"protocol: operation in another case", "listqueues", `{}`, UnknownOperation},
	{"protocol: no operation", "", `{}`, UnknownOperation},
	{"protocol: body over the limit", "ListQueues", `{"x":"` + text(DefaultMaxBodyBytes) + `"}`, InvalidParameterValue},
	{"queue: no URL", "SendMessage", `{"MessageBody":"b"}`, QueueDoesNotExist},
	{"queue: URL is null", "PurgeQueue", `{"QueueUrl":null}`, QueueDoesNotExist},
	{"body: lone surrogate", "SendMessage", sendTo + `"MessageBody":"\ud800"}`, InvalidMessageContents},
	{"message attributes: lone surrogate", "SendMessage", attribute("a", `"DataType":"String","StringValue":"\udfff"`), InvalidParameterValue},
	{"batch: null entry", "DeleteMessageBatch", batch(`null`), InvalidBatchEntryID},
}
