package panics

import "testing"

type shelf struct{ items map[string]int }

func (s *shelf) put(name string) { s.items[name]++ }

func TestBefore(t *testing.T) {}

func TestNilShelf(t *testing.T) {
	var s *shelf
	s.put("book")
}

func TestNever(t *testing.T) {}
