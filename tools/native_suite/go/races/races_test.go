package races

import "testing"

func TestCounter(t *testing.T) {
	count, done := 0, make(chan bool)
	for i := 0; i < 2; i++ {
		go func() { count++; done <- true }()
	}
	<-done
	<-done
}
