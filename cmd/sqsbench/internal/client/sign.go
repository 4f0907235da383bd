package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Signer signs requests with AWS Signature Version 4 for the service "sqs". It may be shared between connections.
type Signer struct {
	signer      *v4.Signer
	credentials aws.Credentials
	region      string
	now         func() time.Time
}

// SignerFromEnv reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION (default us-east-1).
// It returns nil, for unsigned requests, if there is no access key, and an error if there is only half a pair.
func SignerFromEnv() (*Signer, error) {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if id == "" && secret == "" {
		return nil, nil
	}
	if id == "" || secret == "" {
		return nil, fmt.Errorf("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: only one of them is set")
	}
	region := os.Getenv("AWS_REGION")
	if region == "" {
		region = "us-east-1"
	}
	credentials := aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: os.Getenv("AWS_SESSION_TOKEN")}
	return &Signer{signer: v4.NewSigner(), credentials: credentials, region: region, now: time.Now}, nil
}

// signedHeaders are the headers that signing adds.
var signedHeaders = []string{"X-Amz-Date", "X-Amz-Security-Token", "Authorization"}

// appendHeaders appends the headers that signing adds to the head of a request, each preceded by a line break.
func (s *Signer) appendHeaders(b []byte, e Endpoint, operation string, payload []byte) ([]byte, error) {
	req, err := http.NewRequest(http.MethodPost, e.String()+"/", nil)
	if err != nil {
		return b, err
	}
	req.ContentLength = int64(len(payload))
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
	hash := sha256.Sum256(payload)
	err = s.signer.SignHTTP(context.Background(), s.credentials, req, hex.EncodeToString(hash[:]), "sqs", s.region, s.now())
	if err != nil {
		return b, err
	}
	for _, name := range signedHeaders {
		if value := req.Header.Get(name); value != "" {
			b = append(b, "\r\n"...)
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, value...)
		}
	}
	return b, nil
}
