package wire

import (
	"slices"
	"strconv"
	"strings"
)

// Queue attribute names.
const (
	AttrDelaySeconds           = "DelaySeconds"
	AttrMaximumMessageSize     = "MaximumMessageSize"
	AttrMessageRetentionPeriod = "MessageRetentionPeriod"
	AttrReceiveMessageWaitTime = "ReceiveMessageWaitTimeSeconds"
	AttrVisibilityTimeout      = "VisibilityTimeout"
	AttrPolicy                 = "Policy"
	AttrRedrivePolicy          = "RedrivePolicy"
	AttrRedriveAllowPolicy     = "RedriveAllowPolicy"
	AttrKMSMasterKeyID         = "KmsMasterKeyId"
	AttrKMSReusePeriod         = "KmsDataKeyReusePeriodSeconds"
	AttrManagedSSE             = "SqsManagedSseEnabled"
	AttrFIFOQueue              = "FifoQueue"
	AttrContentBasedDedup      = "ContentBasedDeduplication"
	AttrDedupScope             = "DeduplicationScope"
	AttrFIFOThroughputLimit    = "FifoThroughputLimit"
	AttrMessages               = "ApproximateNumberOfMessages"
	AttrMessagesNotVisible     = "ApproximateNumberOfMessagesNotVisible"
	AttrMessagesDelayed        = "ApproximateNumberOfMessagesDelayed"
	AttrCreatedTimestamp       = "CreatedTimestamp"      // epoch seconds
	AttrLastModifiedTimestamp  = "LastModifiedTimestamp" // epoch seconds
	AttrQueueARN               = "QueueArn"
)

// queueAttribute is what SQS says of one queue attribute.
type queueAttribute struct {
	// initial is a new queue's value; it is empty if a new queue does not have the attribute.
	initial string
	// absent is what a queue without the attribute behaves like, if setting that value removes the attribute.
	absent string
	fifo   bool // only FIFO queues have it
	json   bool // values are compared as JSON
	// canonical checks a value and gives the form in which it is stored; nil for read-only attributes.
	canonical func(name, value string) (string, *Error)
}

// queueAttributes is the table of sqs-semantics 2.4.
var queueAttributes = map[string]queueAttribute{
	AttrDelaySeconds:           {initial: "0", canonical: integer(0, MaxDelaySeconds)},
	AttrMaximumMessageSize:     {initial: "1048576", canonical: integer(MinMaximumMessageSize, MaxMessageBytes)},
	AttrMessageRetentionPeriod: {initial: "345600", canonical: integer(MinRetentionSeconds, MaxRetentionSeconds)},
	AttrReceiveMessageWaitTime: {initial: "0", canonical: integer(0, MaxWaitTimeSeconds)},
	AttrVisibilityTimeout:      {initial: "30", canonical: integer(0, MaxVisibilityTimeout)},
	AttrPolicy:                 {json: true, canonical: removable(policy)},
	AttrRedrivePolicy:          {json: true, canonical: removable(canonicalRedrive)},
	AttrRedriveAllowPolicy:     {json: true, canonical: removable(canonicalRedriveAllow)},
	AttrKMSMasterKeyID:         {canonical: removable(kmsKeyID)},
	AttrKMSReusePeriod:         {absent: "300", canonical: integer(MinKMSReuseSeconds, MaxKMSReuseSeconds)},
	AttrManagedSSE:             {initial: "true", canonical: boolean},
	AttrFIFOQueue:              {initial: "true", fifo: true, canonical: onlyTrue},
	AttrContentBasedDedup:      {initial: "false", fifo: true, canonical: boolean},
	AttrDedupScope:             {initial: "queue", fifo: true, canonical: oneOf("queue", scopeMessageGroup)},
	AttrFIFOThroughputLimit:    {initial: "perQueue", fifo: true, canonical: oneOf("perQueue", perMessageGroup)},
	AttrMessages:               {},
	AttrMessagesNotVisible:     {},
	AttrMessagesDelayed:        {},
	AttrCreatedTimestamp:       {},
	AttrLastModifiedTimestamp:  {},
	AttrQueueARN:               {},
}

// DefaultAttributes are the settable attributes of a queue that was created without any.
func DefaultAttributes(fifo bool) Pairs {
	var all Pairs
	for name, a := range queueAttributes {
		if a.initial != "" && (fifo || !a.fifo) {
			all = append(all, Pair{name, a.initial})
		}
	}
	slices.SortFunc(all, comparePairs)
	return all
}

// MergeAttributes is what becomes of a queue's settable attributes when validated ones are set. Neither argument is
// changed.
func MergeAttributes(current, set Pairs) Pairs {
	merged := current
	for _, p := range set {
		if p.Value == queueAttributes[p.Name].absent {
			merged = merged.Without(p.Name)
		} else {
			merged = merged.With(p.Name, p.Value)
		}
	}
	if key, _ := set.Get(AttrKMSMasterKeyID); key != "" {
		merged = merged.With(AttrManagedSSE, "false")
	}
	return merged
}

// CheckAttributes judges all settable attributes of a queue together, after [MergeAttributes] or at its creation:
// throughput limits per message group need deduplication per message group (sqs-semantics 4.7).
func CheckAttributes(merged Pairs) *Error {
	limit, _ := merged.Get(AttrFIFOThroughputLimit)
	scope, _ := merged.Get(AttrDedupScope)
	if limit == perMessageGroup && scope != scopeMessageGroup {
		return Errorf(InvalidAttributeValue, "Invalid value for the parameter %s. The value %s needs %s with the value %s.",
			AttrFIFOThroughputLimit, perMessageGroup, AttrDedupScope, scopeMessageGroup)
	}
	return nil
}

const (
	perMessageGroup   = "perMessageGroupId"
	scopeMessageGroup = "messageGroup"
)

// DifferingAttribute is the first of the given validated attributes whose value is not the current one, or empty: the
// comparison of CreateQueue, which leaves out what was not given.
func DifferingAttribute(current, given Pairs) string {
	for _, p := range given {
		a := queueAttributes[p.Name]
		value, found := current.Get(p.Name)
		if !found {
			value = a.absent
		}
		if value != p.Value && !(a.json && sameJSON(value, p.Value)) {
			return p.Name
		}
	}
	return ""
}

// canonicalAttributes checks the attributes that CreateQueue or SetQueueAttributes sets on a queue and brings their
// values into the form in which they are stored.
func canonicalAttributes(attributes Pairs, fifo bool) *Error {
	for i := range attributes {
		p := &attributes[i]
		a := queueAttributes[p.Name]
		switch {
		case a.canonical == nil:
			return UnknownAttribute(p.Name)
		case a.fifo && !fifo:
			return Errorf(InvalidAttributeName, "Unknown Attribute %s. It needs a queue with FifoQueue true.", p.Name)
		}
		value, err := a.canonical(p.Name, p.Value)
		if err != nil {
			return err
		}
		p.Value = value
	}
	key, _ := attributes.Get(AttrKMSMasterKeyID)
	managed, _ := attributes.Get(AttrManagedSSE)
	if key != "" && managed == "true" {
		return Errorf(InvalidAttributeName, "You can use one type of server-side encryption at one time. "+
			"You can either enable KMS (%s) or SQS-managed keys (%s).", AttrKMSMasterKeyID, AttrManagedSSE)
	}
	return nil
}

func integer(least, most int) func(name, value string) (string, *Error) {
	return func(name, value string) (string, *Error) {
		n, ok := parseInt(value)
		if !ok || int(n) < least || int(n) > most {
			return "", Errorf(InvalidAttributeValue, "Invalid value for the parameter %s. "+
				"It must be an integer from %d to %d.", name, least, most)
		}
		return strconv.Itoa(int(n)), nil
	}
}

func boolean(name, value string) (string, *Error) {
	return oneOf("true", "false")(name, strings.ToLower(value))
}

// onlyTrue is the rule for what a queue is from the beginning or never.
func onlyTrue(name, value string) (string, *Error) {
	return oneOf("true")(name, strings.ToLower(value))
}

func oneOf(values ...string) func(name, value string) (string, *Error) {
	return func(name, value string) (string, *Error) {
		if slices.Contains(values, value) {
			return value, nil
		}
		return "", Errorf(InvalidAttributeValue, "Invalid value for the parameter %s. It must be %s.",
			name, strings.Join(values, " or "))
	}
}

// removable lets an empty value through: it removes the attribute.
func removable(canonical func(name, value string) (string, *Error)) func(name, value string) (string, *Error) {
	return func(name, value string) (string, *Error) {
		if value == "" {
			return "", nil
		}
		return canonical(name, value)
	}
}

// kmsKeyID takes any id, ARN or alias: keys are not looked up.
func kmsKeyID(name, value string) (string, *Error) {
	if len(value) > MaxKMSKeyIDLength || !isText(value) {
		return "", BadAttribute(name)
	}
	return value, nil
}
