package stock

import (
	"errors"
	"testing"
)

func TestReserve(t *testing.T) {
	s := New(map[string]int{"pen": 5, "ink": 1})
	if err := s.Reserve(map[string]int{"pen": 2, "ink": 1}); err != nil || s.Count("pen") != 3 || s.Count("ink") != 0 {
		t.Errorf("Reserve: %v, pen %d, ink %d, want no error, 3, 0", err, s.Count("pen"), s.Count("ink"))
	}
}

func TestTooMuch(t *testing.T) {
	for range 20 {
		s := New(map[string]int{"pen": 5, "ink": 1, "cap": 4})
		err := s.Reserve(map[string]int{"pen": 2, "ink": 2, "cap": 1})
		if !errors.Is(err, ErrTooFew) || errors.Is(err, ErrUnknown) {
			t.Fatalf("Reserve: %v, want ErrTooFew", err)
		}
		if s.Count("pen") != 5 || s.Count("ink") != 1 || s.Count("cap") != 4 {
			t.Fatalf("something was taken: pen %d, ink %d, cap %d", s.Count("pen"), s.Count("ink"), s.Count("cap"))
		}
	}
}

func TestUnknown(t *testing.T) {
	s := New(map[string]int{"pen": 5})
	if err := s.Reserve(map[string]int{"hat": 1}); !errors.Is(err, ErrUnknown) || errors.Is(err, ErrTooFew) {
		t.Errorf("Reserve: %v, want ErrUnknown", err)
	}
}

func TestRelease(t *testing.T) {
	s := New(map[string]int{"pen": 5})
	if err := s.Reserve(map[string]int{"pen": 3}); err != nil {
		t.Fatal(err)
	}
	s.Release(map[string]int{"pen": 2})
	if s.Count("pen") != 4 {
		t.Errorf("pen %d, want 4", s.Count("pen"))
	}
}
