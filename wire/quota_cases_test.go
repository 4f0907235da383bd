package wire

import "strings"

var quotas = []quota{
	{"queue name", []refusal{
		good("1 character", "CreateQueue", `{"QueueName":"n"}`),
		good("80 characters", "CreateQueue", `{"QueueName":"`+text(80)+`"}`),
		good("80 characters with .fifo", "CreateQueue", `{"QueueName":"`+text(75)+`.fifo","Attributes":{"FifoQueue":"true"}}`),
		good("80 characters of a prefix", "ListQueues", `{"QueueNamePrefix":"`+text(80)+`"}`),
	}, []refusal{
		{"none", "CreateQueue", `{"QueueName":""}`, MissingParameter},
		{"81 characters", "CreateQueue", `{"QueueName":"` + text(81) + `"}`, InvalidParameterValue},
		{"81 characters with .fifo", "CreateQueue", `{"QueueName":"` + text(76) + `.fifo","Attributes":{"FifoQueue":"true"}}`, InvalidParameterValue},
		{"81 characters of a prefix", "ListQueues", `{"QueueNamePrefix":"` + text(81) + `"}`, InvalidParameterValue},
	}},
	{"message size", append([]refusal{
		good("1 byte", "SendMessage", sendTo+`"MessageBody":"b"}`),
		good("1048576 bytes", "SendMessage", sendTo+`"MessageBody":"`+text(1048576)+`"}`),
		good("1048576 bytes with an attribute", "SendMessage", sized(1048576)),
	}, valued("MaximumMessageSize", 0, "1024", "1048576")...), append([]refusal{
		{"no byte", "SendMessage", sendTo + `"MessageBody":""}`, MissingParameter},
		{"1048577 bytes", "SendMessage", sendTo + `"MessageBody":"` + text(1048577) + `"}`, InvalidParameterValue},
		{"1048577 bytes with an attribute", "SendMessage", sized(1048577), InvalidParameterValue},
	}, valued("MaximumMessageSize", InvalidAttributeValue, "1023", "1048577")...)},
	{"batch", []refusal{
		good("1 entry", "DeleteMessageBatch", entries(1, 1)),
		good("10 entries of 1048570 bytes", "SendMessageBatch", entries(10, 104857)),
		good("1048576 bytes", "SendMessageBatch", entries(1, 1048576)),
		good("id of 1 character", "SendMessageBatch", batch(`{"Id":"1","MessageBody":"b"}`)),
		good("id of 80 characters", "SendMessageBatch", batch(`{"Id":"`+text(80)+`","MessageBody":"b"}`)),
	}, []refusal{
		{"no entry", "DeleteMessageBatch", batch(), EmptyBatchRequest},
		{"11 entries", "SendMessageBatch", entries(11, 1), TooManyEntriesInBatchRequest},
		{"11 entries", "DeleteMessageBatch", entries(11, 1), TooManyEntriesInBatchRequest},
		{"11 entries", "ChangeMessageVisibilityBatch", entries(11, 1), TooManyEntriesInBatchRequest},
		{"1048577 bytes", "SendMessageBatch", entries(1, 1048577), BatchRequestTooLong},
		{"10 entries of 1048580 bytes", "SendMessageBatch", entries(10, 104858), BatchRequestTooLong},
		{"empty id", "SendMessageBatch", batch(`{"Id":"","MessageBody":"b"}`), InvalidBatchEntryID},
		{"id of 81 characters", "SendMessageBatch", batch(`{"Id":"` + text(81) + `","MessageBody":"b"}`), InvalidBatchEntryID},
	}},
	{"message attributes", []refusal{
		good("10", "SendMessage", manyAttributes(10)),
		good("name of 256 characters", "SendMessage", attribute(text(256), `"DataType":"String","StringValue":"v"`)),
		good("type of 256 characters", "SendMessage", attribute("a", `"DataType":"String.`+text(249)+`","StringValue":"v"`)),
	}, []refusal{
		{"11", "SendMessage", manyAttributes(11), InvalidParameterValue},
		{"name of 257 characters", "SendMessage", attribute(text(257), `"DataType":"String","StringValue":"v"`), InvalidParameterValue},
		{"type of 257 characters", "SendMessage", attribute("a", `"DataType":"String.`+text(250)+`","StringValue":"v"`), InvalidParameterValue},
	}},
	{"message group id, dedup id, receive attempt id", []refusal{
		good("group id of 128 characters", "SendMessage", inGroup(text(128), "d")),
		good("group id of 128 characters on a standard queue", "SendMessage", sendBody+`"MessageGroupId":"`+text(128)+`"}`),
		good("dedup id of 128 characters", "SendMessage", inGroup("g", text(128))),
		good("attempt id of 128 characters", "ReceiveMessage", sendToFIFO+`"ReceiveRequestAttemptId":"`+text(128)+`"}`),
	}, []refusal{
		{"group id of 129 characters", "SendMessage", inGroup(text(129), "d"), InvalidParameterValue},
		{"group id of 129 characters on a standard queue", "SendMessage", sendBody + `"MessageGroupId":"` + text(129) + `"}`, InvalidParameterValue},
		{"dedup id of 129 characters", "SendMessage", inGroup("g", text(129)), InvalidParameterValue},
		{"attempt id of 129 characters", "ReceiveMessage", sendToFIFO + `"ReceiveRequestAttemptId":"` + text(129) + `"}`, InvalidParameterValue},
	}},
	{"receipt handle", []refusal{
		good("1024 characters", "DeleteMessage", sendTo+`"ReceiptHandle":"`+text(1024)+`"}`),
		good("1024 characters", "ChangeMessageVisibility", sendTo+`"ReceiptHandle":"`+text(1024)+`","VisibilityTimeout":1}`),
	}, []refusal{
		{"1025 characters", "DeleteMessage", sendTo + `"ReceiptHandle":"` + text(1025) + `"}`, ReceiptHandleIsInvalid},
		{"1025 characters", "ChangeMessageVisibility", sendTo + `"ReceiptHandle":"` + text(1025) + `","VisibilityTimeout":1}`, ReceiptHandleIsInvalid},
	}},
	{"delay", append([]refusal{
		good("0", "SendMessage", sendBody+`"DelaySeconds":0}`),
		good("900", "SendMessage", sendBody+`"DelaySeconds":900}`),
	}, valued("DelaySeconds", 0, "0", "900")...), append([]refusal{
		{"-1", "SendMessage", sendBody + `"DelaySeconds":-1}`, InvalidParameterValue},
		{"901", "SendMessage", sendBody + `"DelaySeconds":901}`, InvalidParameterValue},
	}, valued("DelaySeconds", InvalidAttributeValue, "-1", "901")...)},
	{"retention", valued("MessageRetentionPeriod", 0, "60", "1209600"),
		valued("MessageRetentionPeriod", InvalidAttributeValue, "59", "1209601")},
	{"visibility timeout", append([]refusal{
		good("0", "ReceiveMessage", sendTo+`"VisibilityTimeout":0}`),
		good("43200", "ReceiveMessage", sendTo+`"VisibilityTimeout":43200}`),
		good("0", "ChangeMessageVisibility", sendTo+`"ReceiptHandle":"h","VisibilityTimeout":0}`),
		good("43200", "ChangeMessageVisibility", sendTo+`"ReceiptHandle":"h","VisibilityTimeout":43200}`),
	}, valued("VisibilityTimeout", 0, "0", "43200")...), append([]refusal{
		{"-1", "ReceiveMessage", sendTo + `"VisibilityTimeout":-1}`, InvalidParameterValue},
		{"43201", "ReceiveMessage", sendTo + `"VisibilityTimeout":43201}`, InvalidParameterValue},
		{"-1", "ChangeMessageVisibility", sendTo + `"ReceiptHandle":"h","VisibilityTimeout":-1}`, InvalidParameterValue},
		{"43201", "ChangeMessageVisibility", sendTo + `"ReceiptHandle":"h","VisibilityTimeout":43201}`, InvalidParameterValue},
	}, valued("VisibilityTimeout", InvalidAttributeValue, "-1", "43201")...)},
	{"long poll", append([]refusal{
		good("0", "ReceiveMessage", sendTo+`"WaitTimeSeconds":0}`),
		good("20", "ReceiveMessage", sendTo+`"WaitTimeSeconds":20}`),
	}, valued("ReceiveMessageWaitTimeSeconds", 0, "0", "20")...), append([]refusal{
		{"-1", "ReceiveMessage", sendTo + `"WaitTimeSeconds":-1}`, InvalidParameterValue},
		{"21", "ReceiveMessage", sendTo + `"WaitTimeSeconds":21}`, InvalidParameterValue},
	}, valued("ReceiveMessageWaitTimeSeconds", InvalidAttributeValue, "-1", "21")...)},
	{"messages per receive", []refusal{
		good("1", "ReceiveMessage", sendTo+`"MaxNumberOfMessages":1}`),
		good("10", "ReceiveMessage", sendTo+`"MaxNumberOfMessages":10}`),
	}, []refusal{
		{"0", "ReceiveMessage", sendTo + `"MaxNumberOfMessages":0}`, InvalidParameterValue},
		{"11", "ReceiveMessage", sendTo + `"MaxNumberOfMessages":11}`, InvalidParameterValue},
	}},
	{"ListQueues, ListDeadLetterSourceQueues page", []refusal{
		good("1", "ListQueues", `{"MaxResults":1}`),
		good("1000", "ListQueues", `{"MaxResults":1000}`),
		good("1", "ListDeadLetterSourceQueues", sendTo+`"MaxResults":1}`),
		good("1000", "ListDeadLetterSourceQueues", sendTo+`"MaxResults":1000}`),
	}, []refusal{
		{"0", "ListQueues", `{"MaxResults":0}`, InvalidParameterValue},
		{"1001", "ListQueues", `{"MaxResults":1001}`, InvalidParameterValue},
		{"0", "ListDeadLetterSourceQueues", sendTo + `"MaxResults":0}`, InvalidParameterValue},
		{"1001", "ListDeadLetterSourceQueues", sendTo + `"MaxResults":1001}`, InvalidParameterValue},
	}},
	{"maxReceiveCount", []refusal{
		good("1", "SetQueueAttributes", redrive("1")), good("1000", "SetQueueAttributes", redrive("1000")),
	}, []refusal{
		{"0", "SetQueueAttributes", redrive("0"), InvalidParameterValue},
		{"1001", "SetQueueAttributes", redrive("1001"), InvalidParameterValue},
	}},
	{"sourceQueueArns", []refusal{
		good("1", "SetQueueAttributes", allowed(1)), good("10", "SetQueueAttributes", allowed(10)),
	}, []refusal{
		{"none", "SetQueueAttributes", setting("RedriveAllowPolicy", `{"redrivePermission":"byQueue"}`), InvalidParameterValue},
		{"11", "SetQueueAttributes", allowed(11), InvalidParameterValue},
	}},
	{"policy", []refusal{
		good("8192 bytes", "SetQueueAttributes", setting("Policy", policySized(8192))),
		good("20 statements", "SetQueueAttributes", setting("Policy", statements(20))),
		good("50 principals", "SetQueueAttributes", setting("Policy", principals(50))),
		good("10 conditions", "SetQueueAttributes", setting("Policy", conditions(10))),
		good("7 actions", "SetQueueAttributes", setting("Policy", permitted(7))),
		good("50 principals, 7 actions", "AddPermission", permit("l", list(`"111111111111"`, 50), list(`"SendMessage"`, 7))),
	}, []refusal{
		{"8193 bytes", "SetQueueAttributes", setting("Policy", policySized(8193)), InvalidAttributeValue},
		{"21 statements", "SetQueueAttributes", setting("Policy", statements(21)), InvalidAttributeValue},
		{"51 principals", "SetQueueAttributes", setting("Policy", principals(51)), InvalidAttributeValue},
		{"11 conditions", "SetQueueAttributes", setting("Policy", conditions(11)), InvalidAttributeValue},
		{"8 actions", "SetQueueAttributes", setting("Policy", permitted(8)), InvalidAttributeValue},
		{"51 principals", "AddPermission", permit("l", list(`"111111111111"`, 51), `"*"`), OverLimit},
		{"8 actions", "AddPermission", permit("l", `"111111111111"`, list(`"SendMessage"`, 8)), OverLimit},
	}},
	{"permission label", []refusal{
		good("80 characters", "AddPermission", permit(text(80), `"111111111111"`, `"*"`)),
		good("80 characters", "RemovePermission", sendTo+`"Label":"`+text(80)+`"}`),
	}, []refusal{
		{"81 characters", "AddPermission", permit(text(81), `"111111111111"`, `"*"`), InvalidParameterValue},
		{"81 characters", "RemovePermission", sendTo + `"Label":"` + text(81) + `"}`, InvalidParameterValue},
	}},
	{"tags", []refusal{
		good("50", "CreateQueue", manyTags(50)),
		good("key of 128 characters", "TagQueue", sendTo+`"Tags":{"`+strings.Repeat("é", 128)+`":"v"}}`),
		good("key of 128 characters", "UntagQueue", sendTo+`"TagKeys":["`+strings.Repeat("é", 128)+`"]}`),
		good("empty value", "TagQueue", sendTo+`"Tags":{"a b_.:/=+-@":""}}`),
		good("value of 256 characters", "TagQueue", sendTo+`"Tags":{"k":"`+strings.Repeat("é", 256)+`"}}`),
	}, []refusal{
		{"51", "CreateQueue", manyTags(51), InvalidParameterValue},
		{"empty key", "TagQueue", sendTo + `"Tags":{"":"v"}}`, InvalidParameterValue},
		{"key of 129 characters", "TagQueue", sendTo + `"Tags":{"` + text(129) + `":"v"}}`, InvalidParameterValue},
		{"key of 129 characters", "UntagQueue", sendTo + `"TagKeys":["` + text(129) + `"]}`, InvalidParameterValue},
		{"value of 257 characters", "TagQueue", sendTo + `"Tags":{"k":"` + text(257) + `"}}`, InvalidParameterValue},
	}},
	{"move task", []refusal{
		good("1 message per second", "StartMessageMoveTask", moveFrom+`"MaxNumberOfMessagesPerSecond":1}`),
		good("500 messages per second", "StartMessageMoveTask", moveFrom+`"MaxNumberOfMessagesPerSecond":500}`),
		good("1 listed", "ListMessageMoveTasks", moveFrom+`"MaxResults":1}`),
		good("10 listed", "ListMessageMoveTasks", moveFrom+`"MaxResults":10}`),
	}, []refusal{
		{"0 messages per second", "StartMessageMoveTask", moveFrom + `"MaxNumberOfMessagesPerSecond":0}`, InvalidParameterValue},
		{"501 messages per second", "StartMessageMoveTask", moveFrom + `"MaxNumberOfMessagesPerSecond":501}`, InvalidParameterValue},
		{"0 listed", "ListMessageMoveTasks", moveFrom + `"MaxResults":0}`, InvalidParameterValue},
		{"11 listed", "ListMessageMoveTasks", moveFrom + `"MaxResults":11}`, InvalidParameterValue},
	}},
	{"KMS data key reuse", valued("KmsDataKeyReusePeriodSeconds", 0, "60", "86400"),
		valued("KmsDataKeyReusePeriodSeconds", InvalidAttributeValue, "59", "86401")},
}
