package wire

// The quotas of SQS that one request alone can break (sqs-semantics part 8). Lengths of ids and names are in
// characters, sizes in bytes, times in seconds.
const (
	MaxQueueNameLength   = 80
	MaxListResults       = 1000
	MaxTags              = 50
	MaxTagKeyLength      = 128
	MaxTagValueLength    = 256
	MaxBatchEntries      = 10
	MaxBatchIDLength     = 80
	MaxReceiveMessages   = 10
	MaxMessageAttributes = 10
	// MaxAttributeNameLength bounds a message attribute's name and, separately, its data type.
	MaxAttributeNameLength = 256
	// MaxMessageBytes bounds body and attributes of one message, and of all messages of one batch together.
	MaxMessageBytes = 1048576
	// MinMaximumMessageSize is the least value of the queue attribute MaximumMessageSize.
	MinMaximumMessageSize  = 1024
	MaxDelaySeconds        = 900
	MaxVisibilityTimeout   = 43200
	MaxWaitTimeSeconds     = 20
	MinRetentionSeconds    = 60
	MaxRetentionSeconds    = 1209600
	MinKMSReuseSeconds     = 60
	MaxKMSReuseSeconds     = 86400
	MaxGroupIDLength       = 128
	MaxReceiptHandleLength = 1024
	MaxReceiveCount        = 1000 // of a RedrivePolicy
	MaxSourceQueueARNs     = 10   // of a RedriveAllowPolicy
	MaxKMSKeyIDLength      = 2048 // as the KMS API has it
	MaxPolicyBytes         = 8192
	MaxPolicyStatements    = 20
	MaxPolicyPrincipals    = 50
	MaxPolicyConditions    = 10
	MaxStatementActions    = 7
	MaxLabelLength         = 80 // of a permission
	MaxMoveTaskResults     = 10
	MaxMoveRate            = 500 // messages per second of a move task
	MaxNumberDigits        = 38  // significant digits of a Number attribute
	MaxNumberExponent      = 126 // its magnitude is at most 10 to this power
	MinNumberExponent      = -128
)

// Bounds of sqsd's own, where SQS documents none.
const (
	// MaxNames bounds the attribute names that one request lists.
	MaxNames = 256
	// MaxFormParameters bounds the parameters of a Query request; a full batch with all attributes has about 400.
	MaxFormParameters = 4096
	// MaxPairs bounds how many members of an attribute or tag map are kept; it is beyond every limit above, so that
	// validation refuses a map that was cut.
	MaxPairs = 100
	// MaxTaskHandleLength bounds a move task's handle; the longest that [TaskHandle.Encode] makes is about 400.
	MaxTaskHandleLength = 1024
	// MaxTraceHeaderBytes bounds the value of the system attribute AWSTraceHeader.
	MaxTraceHeaderBytes = 8192
	// DefaultMaxBodyBytes bounds an HTTP body: a full batch in which every byte is written as a six-byte escape is
	// about 6 MiB.
	DefaultMaxBodyBytes = 8 << 20
)
