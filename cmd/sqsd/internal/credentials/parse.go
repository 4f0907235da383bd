package credentials

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sqsd/wire"
)

// KeyPair is one profile of a credentials file.
type KeyPair struct {
	// Profile names the key pair in logs; it means nothing to clients.
	Profile   string
	AccessKey string
	wire.Credential

	line int // of the profile
}

// Limits of a credentials file.
const (
	MaxFileBytes   = 1 << 20
	MaxKeyPairs    = 1000
	maxKeyBytes    = 128 // of an access key
	maxSecretBytes = 256
	maxTokenBytes  = 4096
)

// The settings of a profile. The first three are AWS's; the last is named as the AWS CLI names its environment variable.
const (
	accessKeySetting  = "aws_access_key_id"
	secretSetting     = "aws_secret_access_key"
	tokenSetting      = "aws_session_token"
	expirationSetting = "aws_credential_expiration"
)

var (
	accessKeyPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	visiblePattern   = regexp.MustCompile(`^[!-~]+$`)
)

// Parse reads the key pairs of a credentials file: profiles in brackets, each with an access key, a secret and, if the
// key pair is temporary, a session token and the RFC 3339 time when it expires. Lines that begin with # or ; are
// comments. It refuses whatever it does not understand and says in which line that is, never what the line says: it may
// be a secret.
func Parse(text string) ([]KeyPair, error) {
	if len(text) > MaxFileBytes {
		return nil, fmt.Errorf("the file has more than %d bytes", MaxFileBytes)
	}
	p := parser{profiles: map[string]int{}, keys: map[string]int{}}
	for line := range strings.Lines(text) {
		p.line++
		if err := p.read(strings.TrimSpace(line)); err != nil {
			return nil, err
		}
	}
	if err := p.endProfile(); err != nil {
		return nil, err
	}
	if len(p.pairs) == 0 {
		return nil, fmt.Errorf("the file has no key pair: write a line [name], then %s and %s", accessKeySetting, secretSetting)
	}
	return p.pairs, nil
}

// parser is what is known after some lines.
type parser struct {
	line     int
	pairs    []KeyPair // the last one is being read
	given    map[string]bool
	profiles map[string]int // name to line
	keys     map[string]int // access key to line of its profile
}

// read takes one line without the space around it.
func (p *parser) read(text string) error {
	switch {
	case text == "" || text[0] == '#' || text[0] == ';':
		return nil
	case text[0] == '[':
		return p.startProfile(text)
	}
	name, value, found := strings.Cut(text, "=")
	if !found {
		return p.refuse("it is neither [name] nor a setting like %s = value", accessKeySetting)
	}
	if len(p.pairs) == 0 {
		return p.refuse("a setting stands before the first [name]")
	}
	return p.set(strings.TrimSpace(name), strings.TrimSpace(value))
}

func (p *parser) startProfile(text string) error {
	if err := p.endProfile(); err != nil {
		return err
	}
	name := strings.TrimSpace(strings.TrimSuffix(text[1:], "]"))
	if !strings.HasSuffix(text, "]") || name == "" || strings.ContainsAny(name, "[]") {
		return p.refuse("a profile must be like [name]")
	}
	if first, twice := p.profiles[name]; twice {
		return p.refuse("the profile stands in line %d already", first)
	}
	if len(p.pairs) == MaxKeyPairs {
		return p.refuse("there are more than %d profiles", MaxKeyPairs)
	}
	p.profiles[name] = p.line
	p.given = map[string]bool{}
	p.pairs = append(p.pairs, KeyPair{Profile: name, line: p.line})
	return nil
}

// set takes one setting of the profile that is being read.
func (p *parser) set(name, value string) error {
	if p.given[name] {
		return p.refuse("the profile has this setting already")
	}
	p.given[name] = true
	pair := &p.pairs[len(p.pairs)-1]
	var err error
	switch name {
	case accessKeySetting:
		pair.AccessKey, err = value, check(value, accessKeyPattern, maxKeyBytes, "letters, digits and _.-")
	case secretSetting:
		pair.Secret, err = value, check(value, visiblePattern, maxSecretBytes, "visible ASCII characters without spaces")
	case tokenSetting:
		pair.SessionToken, err = value, check(value, visiblePattern, maxTokenBytes, "visible ASCII characters without spaces")
	case expirationSetting:
		pair.Expires, err = time.Parse(time.RFC3339, value)
		if err != nil {
			err = errors.New("must be a time like 2030-12-31T23:59:59Z")
		}
	default:
		return p.refuse("the setting is unknown: known are %s, %s, %s and %s",
			accessKeySetting, secretSetting, tokenSetting, expirationSetting)
	}
	if err != nil {
		return p.refuse("%s %w", name, err)
	}
	return nil
}

func check(value string, pattern *regexp.Regexp, limit int, want string) error {
	if len(value) > limit || !pattern.MatchString(value) {
		return fmt.Errorf("must be 1 to %d %s", limit, want)
	}
	return nil
}

// endProfile refuses a profile that is not a whole key pair, or has another one's access key.
func (p *parser) endProfile() error {
	if len(p.pairs) == 0 {
		return nil
	}
	pair := p.pairs[len(p.pairs)-1]
	for _, name := range []string{accessKeySetting, secretSetting} {
		if !p.given[name] {
			return fmt.Errorf("line %d: the profile has no %s", pair.line, name)
		}
	}
	if first, twice := p.keys[pair.AccessKey]; twice {
		return fmt.Errorf("line %d: the profile has the same access key as the one in line %d", pair.line, first)
	}
	p.keys[pair.AccessKey] = pair.line
	return nil
}

func (p *parser) refuse(format string, args ...any) error {
	return fmt.Errorf("line %d: %w", p.line, fmt.Errorf(format, args...))
}
