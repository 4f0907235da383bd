package wire

import "testing"

// The vectors are recorded answers of SQS (sqs-semantics 3.2).
func TestAttributesMD5(t *testing.T) {
	help := MessageAttribute{Name: "Help.Me", DataType: "String", StringValue: "Me"}
	hello := MessageAttribute{Name: "Hello", DataType: "String", StringValue: "There"}
	general := MessageAttribute{Name: "General", DataType: "String", StringValue: "Kenobi"}
	for _, c := range []struct {
		name       string
		attributes MessageAttributes
		want       string
	}{
		{"none", nil, ""},
		{"String", MessageAttributes{{Name: "k", DataType: "String", StringValue: "x"}}, "a45daa70926828a2f0a1db3418e6feb4"},
		{"Number", MessageAttributes{{Name: "timestamp", DataType: "Number", StringValue: "1493147359900"}},
			"235c5c510d26fb653d073faed50ae77c"},
		{"String, Number and Binary", MessageAttributes{
			{Name: "blob", DataType: "Binary", BinaryValue: []byte{1, 2, 3}},
			{Name: "color", DataType: "String", StringValue: "blue"},
			{Name: "count", DataType: "Number", StringValue: "3"},
		}, "d838729972a4b70e2d2acd9d59ac847c"},
		{"names sort by bytes", MessageAttributes{general, hello, help}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"only what is returned", MessageAttributes{hello}, "a311262e065454b75da111d535b8dacd"},
		{"system", MessageAttributes{{Name: "AWSTraceHeader", DataType: "String",
			StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"}},
			"5ae4d5d7636402d80f4eb6d213245a88"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := AttributesMD5(c.attributes); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestBodyMD5(t *testing.T) {
	if got := BodyMD5("message"); got != "78e731027d8fd50ed642340b7c9a63b3" {
		t.Errorf("got %s", got)
	}
}

func TestLabelIsPartOfTheDigest(t *testing.T) {
	plain := AttributesMD5(MessageAttributes{{Name: "n", DataType: "Number", StringValue: "1"}})
	labelled := AttributesMD5(MessageAttributes{{Name: "n", DataType: "Number.int", StringValue: "1"}})
	if plain == labelled {
		t.Error("the label makes no difference")
	}
}
