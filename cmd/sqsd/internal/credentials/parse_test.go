package credentials

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sqsd/wire"
)

func TestProfilesAreKeyPairs(t *testing.T) {
	pairs, err := Parse(strings.ReplaceAll(`
# who may call
[web]
aws_access_key_id = AKIAWEB
aws_secret_access_key=wJalr/+=#x
; a key pair that ends
  [ build server ]
aws_access_key_id = ASIABUILD
aws_secret_access_key = s
aws_session_token = token==
aws_credential_expiration = 2030-01-02T04:04:05+01:00
`, "\n", "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []KeyPair{
		{Profile: "web", AccessKey: "AKIAWEB", Credential: wire.Credential{Secret: "wJalr/+=#x"}, line: 3},
		{Profile: "build server", AccessKey: "ASIABUILD", Credential: wire.Credential{
			Secret: "s", SessionToken: "token==", Expires: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
		}, line: 7},
	}
	if len(pairs) != len(want) {
		t.Fatalf("got %+v", pairs)
	}
	for i, p := range pairs {
		p.Expires = p.Expires.UTC()
		if p != want[i] {
			t.Errorf("pair %d is %+v, want %+v", i, p, want[i])
		}
	}
}

func TestWhatIsNotUnderstoodIsRefusedWithItsLine(t *testing.T) {
	const pair = "aws_access_key_id = AKIA\naws_secret_access_key = sesame\n"
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "no key pair"},
		{"only comments", "# nobody yet\n", "no key pair"},
		{"a line of neither kind", "[a]\nsesame\n", "line 2: it is neither [name] nor a setting"},
		{"a setting without a profile", "\naws_secret_access_key = sesame\n", "line 2: a setting stands before the first [name]"},
		{"a profile without a name", "[ ]\n" + pair, "line 1: a profile must be like [name]"},
		{"a profile that is not closed", "[a\n" + pair, "line 1: a profile must be like [name]"},
		{"a profile twice", "[a]\n" + pair + "[a]\n" + pair, "line 4: the profile stands in line 1 already"},
		{"a setting twice", "[a]\n" + pair + "aws_secret_access_key = sesame\n", "line 4: the profile has this setting already"},
		{"an unknown setting", "[a]\n" + pair + "sesame = 1\n", "line 4: the setting is unknown: known are aws_access_key_id"},
		{"no access key", "[a]\naws_secret_access_key = sesame\n", "line 1: the profile has no aws_access_key_id"},
		{"no secret", "[a]\n" + pair + "\n[b]\naws_access_key_id = B\n", "line 5: the profile has no aws_secret_access_key"},
		{"an access key twice", "[a]\n" + pair + "[b]\n" + pair, "line 4: the profile has the same access key as the one in line 1"},
		{"an empty access key", "[a]\naws_access_key_id =\n", "line 2: aws_access_key_id must be 1 to 128 letters"},
		{"an access key that no header can carry", "[a]\naws_access_key_id = a,b\n", "line 2: aws_access_key_id must be 1 to 128 letters"},
		{"an access key that is too long", "[a]\naws_access_key_id = " + strings.Repeat("A", 129), "line 2: aws_access_key_id must be"},
		{"an empty secret", "[a]\naws_secret_access_key =\n", "line 2: aws_secret_access_key must be 1 to 256"},
		{"a secret with a comment", "[a]\naws_secret_access_key = sesame # old\n", "line 2: aws_secret_access_key must be 1 to 256"},
		{"a token that is too long", "[a]\naws_session_token = " + strings.Repeat("t", 4097), "line 2: aws_session_token must be"},
		{"an expiry without a zone", "[a]\naws_credential_expiration = 2030-01-02 03:04:05\n", "line 2: aws_credential_expiration must be a time like"},
		{"a file that is too long", strings.Repeat("#", MaxFileBytes+1), "more than 1048576 bytes"},
		{"too many profiles", manyProfiles(MaxKeyPairs + 1), "line 3001: there are more than 1000 profiles"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.text)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %v, want %s", err, c.says)
			}
			if strings.Contains(err.Error(), "sesame") {
				t.Errorf("the message gives away a secret: %v", err)
			}
		})
	}
}

func manyProfiles(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "[p%d]\naws_access_key_id = A%d\naws_secret_access_key = s\n", i, i)
	}
	return b.String()
}

func TestAFileMayHaveAsManyProfilesAsTheLimitSays(t *testing.T) {
	if pairs, err := Parse(manyProfiles(MaxKeyPairs)); err != nil || len(pairs) != MaxKeyPairs {
		t.Errorf("got %d pairs, %v", len(pairs), err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[a]\naws_access_key_id = A\naws_secret_access_key = s\naws_credential_expiration = 2030-01-02T03:04:05Z\n")
	f.Add("[a\n=\n[]")
	f.Fuzz(func(t *testing.T, text string) {
		pairs, err := Parse(text)
		if err == nil && len(pairs) == 0 {
			t.Error("accepted without a key pair")
		}
		keys := map[string]bool{}
		for _, p := range pairs {
			if p.Profile == "" || p.AccessKey == "" || p.Secret == "" || keys[p.AccessKey] {
				t.Errorf("accepted %+v", p)
			}
			keys[p.AccessKey] = true
		}
	})
}
