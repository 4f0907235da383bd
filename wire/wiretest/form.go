package wiretest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"
)

// querySpelling is what the Query protocol calls the lists and maps of the JSON protocol (sqs-semantics 1.4).
var querySpelling = map[string]string{
	"Attributes": "Attribute", "tags": "Tag", "Tags": "Tag", "TagKeys": "TagKey", "AttributeNames": "AttributeName",
	"MessageSystemAttributeNames": "MessageSystemAttributeName", "MessageAttributeNames": "MessageAttributeName",
	"AWSAccountIds": "AWSAccountId", "Actions": "ActionName", "MessageAttributes": "MessageAttribute",
	"MessageSystemAttributes": "MessageSystemAttribute", "StringListValues": "StringListValue",
	"BinaryListValues": "BinaryListValue",
}

// Form says in the Query protocol what a body says in the JSON protocol.
func Form(t testing.TB, operation, body string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	parameters := url.Values{"Action": {operation}, "Version": {"2012-11-05"}}
	addMembers(parameters, operation, "", members)
	return parameters.Encode()
}

func addMembers(parameters url.Values, operation, prefix string, members map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		spelling := prefix + name
		if query := querySpelling[name]; query != "" {
			spelling = prefix + query
		}
		switch value := members[name].(type) {
		case nil:
		case []any:
			if name == "Entries" {
				spelling = operation + "RequestEntry"
			}
			for i, element := range value {
				at := fmt.Sprintf("%s.%d", spelling, i+1)
				if entry, ok := element.(map[string]any); ok {
					addMembers(parameters, operation, at+".", entry)
				} else {
					parameters.Set(at, fmt.Sprint(element))
				}
			}
		case map[string]any:
			addMap(parameters, operation, spelling, value)
		case float64:
			parameters.Set(spelling, fmt.Sprintf("%.0f", value))
		default:
			parameters.Set(spelling, fmt.Sprint(value))
		}
	}
}

func addMap(parameters url.Values, operation, spelling string, members map[string]any) {
	for i, name := range slices.Sorted(maps.Keys(members)) {
		at := fmt.Sprintf("%s.%d.", spelling, i+1)
		key := "Name"
		if spelling == "Tag" {
			key = "Key"
		}
		parameters.Set(at+key, name)
		if value, ok := members[name].(map[string]any); ok {
			addMembers(parameters, operation, at+"Value.", value)
		} else {
			parameters.Set(at+"Value", fmt.Sprint(members[name]))
		}
	}
}
