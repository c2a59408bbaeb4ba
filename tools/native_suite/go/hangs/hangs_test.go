package hangs

import (
	"testing"
	"time"
)

func TestQuick(t *testing.T) {}

func TestWaits(t *testing.T) { time.Sleep(time.Minute) }
