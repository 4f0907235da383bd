package wiretest

// Queue is the URL of the queue that Calls name.
const Queue = "http://sqs.test/000000000000/q"

const onQueue = `{"QueueUrl":"` + Queue + `"`

// Calls are a valid call of every action, with its parameters as JSON. Those that take a queue name [Queue]; move tasks
// have the source "dead" of the account 000000000000 in us-east-1.
var Calls = map[string]string{
	"AddPermission":           onQueue + `,"Label":"l","AWSAccountIds":["111111111111"],"Actions":["SendMessage"]}`,
	"CancelMessageMoveTask":   `{"TaskHandle":"` + TaskHandle + `"}`,
	"ChangeMessageVisibility": onQueue + `,"ReceiptHandle":"h","VisibilityTimeout":1}`,
	"ChangeMessageVisibilityBatch": onQueue +
		`,"Entries":[{"Id":"1","ReceiptHandle":"h","VisibilityTimeout":1}]}`,
	"CreateQueue":                `{"QueueName":"n"}`,
	"DeleteMessage":              onQueue + `,"ReceiptHandle":"h"}`,
	"DeleteMessageBatch":         onQueue + `,"Entries":[{"Id":"1","ReceiptHandle":"h"}]}`,
	"DeleteQueue":                onQueue + `}`,
	"GetQueueAttributes":         onQueue + `,"AttributeNames":["All"]}`,
	"GetQueueUrl":                `{"QueueName":"q"}`,
	"ListDeadLetterSourceQueues": onQueue + `}`,
	"ListMessageMoveTasks":       `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"}`,
	"ListQueueTags":              onQueue + `}`,
	"ListQueues":                 `{}`,
	"PurgeQueue":                 onQueue + `}`,
	"ReceiveMessage":             onQueue + `,"WaitTimeSeconds":0}`,
	"RemovePermission":           onQueue + `,"Label":"l"}`,
	"SendMessage":                onQueue + `,"MessageBody":"b"}`,
	"SendMessageBatch":           onQueue + `,"Entries":[{"Id":"1","MessageBody":"b"}]}`,
	"SetQueueAttributes":         onQueue + `,"Attributes":{"DelaySeconds":"1"}}`,
	"StartMessageMoveTask":       `{"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"}`,
	"TagQueue":                   onQueue + `,"Tags":{"k":"v"}}`,
	"UntagQueue":                 onQueue + `,"TagKeys":["k"]}`,
}

// TaskHandle is a handle of a move task: that of TaskID, whose source is "dead".
const (
	TaskHandle = "eyJ0YXNrSWQiOiIxMjM0NTY3OC05MGFiLWNkZWYtMDEyMy00NTY3ODlhYmNkZWYiLCJzb3VyY2VBcm4iOiJhcm46YXdzOnNxczp1cy1l" +
		"YXN0LTE6MDAwMDAwMDAwMDAwOmRlYWQifQ=="
	TaskID = "12345678-90ab-cdef-0123-456789abcdef"
)
