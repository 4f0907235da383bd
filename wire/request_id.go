package wire

import (
	"encoding/hex"
	"math/rand/v2"
)

// randomUUID is a random (version 4) UUID. It names a response in logs and guards nothing, so a fast generator will do.
func randomUUID() string {
	var raw [16]byte
	for i, half := 0, [2]uint64{rand.Uint64(), rand.Uint64()}; i < len(raw); i++ {
		raw[i] = byte(half[i/8] >> (i % 8 * 8))
	}
	raw[6] = raw[6]&0x0F | 0x40
	raw[8] = raw[8]&0x3F | 0x80
	var text [36]byte
	hex.Encode(text[0:], raw[0:4])
	hex.Encode(text[9:], raw[4:6])
	hex.Encode(text[14:], raw[6:8])
	hex.Encode(text[19:], raw[8:10])
	hex.Encode(text[24:], raw[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
