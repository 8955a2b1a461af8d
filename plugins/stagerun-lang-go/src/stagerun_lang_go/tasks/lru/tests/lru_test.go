package lru_test

import (
	"testing"

	"solution"
)

func TestSetAndGet(t *testing.T) {
	c := lru.New[string, int](2)
	c.Set("a", 1)
	if got, ok := c.Get("a"); got != 1 || !ok {
		t.Errorf("Get(a) = %d, %v, want 1, true", got, ok)
	}
	if got, ok := c.Get("b"); got != 0 || ok {
		t.Errorf("Get(b) = %d, %v, want 0, false", got, ok)
	}
}

func TestTheOldestGoes(t *testing.T) {
	c := lru.New[int, string](2)
	c.Set(1, "one")
	c.Set(2, "two")
	c.Set(3, "three")
	if _, ok := c.Get(1); ok || c.Len() != 2 {
		t.Errorf("1 is there: %v, Len() = %d, want false, 2", ok, c.Len())
	}
}

func TestReadingMakesRecent(t *testing.T) {
	c := lru.New[int, int](2)
	c.Set(1, 1)
	c.Set(2, 2)
	c.Get(1)
	c.Set(3, 3)
	if _, ok := c.Get(1); !ok {
		t.Error("1 is gone though it was read last")
	}
	if _, ok := c.Get(2); ok {
		t.Error("2 is still there")
	}
}

func TestReplacing(t *testing.T) {
	c := lru.New[int, int](2)
	c.Set(1, 1)
	c.Set(2, 2)
	c.Set(1, 10)
	if got, _ := c.Get(1); got != 10 || c.Len() != 2 {
		t.Errorf("Get(1) = %d, Len() = %d, want 10, 2", got, c.Len())
	}
	if _, ok := c.Get(2); !ok {
		t.Error("2 went when 1 was replaced")
	}
}
