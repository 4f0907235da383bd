package wire

import "strings"

// QueueARN is the Amazon Resource Name of a queue.
func QueueARN(region, account, name string) string {
	return "arn:aws:sqs:" + region + ":" + account + ":" + name
}

// ParseARN takes a queue's Amazon Resource Name apart. It reports false if the text does not have the form
// arn:partition:sqs:region:account:name.
func ParseARN(arn string) (region, account, name string, ok bool) {
	part := strings.Split(arn, ":")
	if len(part) != 6 || part[0] != "arn" || !isWord(part[1]) || part[2] != "sqs" || !isWord(part[3]) ||
		!isDigits(part[4]) || !IsQueueName(part[5]) {
		return "", "", "", false
	}
	return part[3], part[4], part[5], true
}

func isQueueARN(text string) bool {
	_, _, _, ok := ParseARN(text)
	return ok
}

// isAccount says that a text can be the id of an account: twelve digits.
func isAccount(id string) bool { return len(id) == len(DefaultAccount) && isDigits(id) }
