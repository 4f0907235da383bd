package wire

import (
	"encoding/base64"
	"strings"
)

// fifoSuffix ends the name of every FIFO queue and of no other queue, so that a name tells its queue's type.
const fifoSuffix = ".fifo"

// IsFIFO says whether a queue of this name is a FIFO queue.
func IsFIFO(queueName string) bool { return strings.HasSuffix(queueName, fifoSuffix) }

// IsQueueName says whether a text can be a queue's name: 1 to 80 letters, digits, hyphens and underscores, of which the
// last five may be ".fifo" instead.
func IsQueueName(name string) bool {
	return len(name) <= MaxQueueNameLength && isWord(strings.TrimSuffix(name, fifoSuffix))
}

// isWord says that s is one or more ASCII letters, digits, hyphens and underscores.
func isWord(s string) bool {
	for i := range len(s) {
		if !isLetterOrDigit(s[i]) && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return s != ""
}

func isLetterOrDigit(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// QueueNameOf finds the name of a queue of the account in a queue URL: the last two path segments are account and name.
// Scheme and host are not looked at. A text without a slash is the name itself. It reports false if the URL names no
// queue that the account could have.
func QueueNameOf(url, account string) (name string, ok bool) {
	name = url
	if slash := strings.LastIndexByte(url, '/'); slash >= 0 {
		owner := url[:slash]
		owner = owner[strings.LastIndexByte(owner, '/')+1:]
		if owner != account {
			return "", false
		}
		name = url[slash+1:]
	}
	return name, IsQueueName(name)
}

// QueueURL is the URL of a queue below base, which has no slash at its end.
func QueueURL(base, account, name string) string { return base + "/" + account + "/" + name }

// tokenVersion is the first byte of a decoded page token; a queue name follows it.
const tokenVersion = 1

// pageToken is the token of the page that begins after a queue name.
func pageToken(after string) string {
	return base64.RawURLEncoding.EncodeToString(append([]byte{tokenVersion}, after...))
}

// parsePageToken is the queue name in a page token.
func parsePageToken(token string) (after string, ok bool) {
	if len(token) > 2*MaxQueueNameLength {
		return "", false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) == 0 || raw[0] != tokenVersion {
		return "", false
	}
	after = string(raw[1:])
	return after, IsQueueName(after) && pageToken(after) == token // the decoder passes over line ends
}
