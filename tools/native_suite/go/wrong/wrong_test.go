package wrong

import (
	"fmt"
	"net"
	"testing"
)

func TestWrong(t *testing.T) {
	fmt.Println("counting")
	if got, want := 1+1, 3; got != want {
		t.Errorf("Sum() = %d, want %d", got, want)
	}
}

func TestTable(t *testing.T) {
	t.Run("good", func(t *testing.T) {})
	t.Run("bad one", func(t *testing.T) {
		t.Parallel()
		t.Run("inner", func(t *testing.T) { t.Fatal("inner went wrong") })
	})
}

func TestPort(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:34567")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = net.Listen("tcp", "127.0.0.1:34567")
	if err != nil {
		t.Fatalf("second server: %v", err)
	}
}

func TestRight(t *testing.T) {}

func ExampleSum() {
	fmt.Println(3)
	// Output: 4
}
