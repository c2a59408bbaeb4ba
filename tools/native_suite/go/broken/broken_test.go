package broken

import "testing"

func TestMissing(t *testing.T) { missing(1) }
