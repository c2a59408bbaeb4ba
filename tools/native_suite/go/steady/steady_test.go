package steady

import (
	"fmt"
	"testing"
)

func TestAdds(t *testing.T) {
	fmt.Println("FAIL: this is what a test prints")
	fmt.Println("panic: recovered: the shelf is empty")
}

func TestTables(t *testing.T) {
	for _, name := range []string{"small", "two words"} {
		t.Run(name, func(t *testing.T) { t.Parallel() })
	}
}

func TestSkipped(t *testing.T) { t.Skip("needs a GPU") }

func ExampleFmt() {
	fmt.Println("hello")
	// Output: hello
}
