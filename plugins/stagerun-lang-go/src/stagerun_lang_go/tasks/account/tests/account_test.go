package account

import (
	"sync"
	"testing"
)

func TestOpening(t *testing.T) {
	if Open(-1) != nil {
		t.Error("an account was opened with a debt")
	}
	if balance, ok := Open(10).Balance(); balance != 10 || !ok {
		t.Errorf("Balance() = %d, %v, want 10, true", balance, ok)
	}
}

func TestDepositAndWithdraw(t *testing.T) {
	a := Open(10)
	if balance, ok := a.Deposit(5); balance != 15 || !ok {
		t.Errorf("Deposit(5) = %d, %v, want 15, true", balance, ok)
	}
	if balance, ok := a.Deposit(-15); balance != 0 || !ok {
		t.Errorf("Deposit(-15) = %d, %v, want 0, true", balance, ok)
	}
}

func TestNoDebt(t *testing.T) {
	a := Open(10)
	if balance, ok := a.Deposit(-11); balance != 0 || ok {
		t.Errorf("Deposit(-11) = %d, %v, want 0, false", balance, ok)
	}
	if balance, _ := a.Balance(); balance != 10 {
		t.Errorf("Balance() = %d, want 10", balance)
	}
}

func TestClosing(t *testing.T) {
	a := Open(10)
	if paid, ok := a.Close(); paid != 10 || !ok {
		t.Errorf("Close() = %d, %v, want 10, true", paid, ok)
	}
	if paid, ok := a.Close(); paid != 0 || ok {
		t.Errorf("second Close() = %d, %v, want 0, false", paid, ok)
	}
	if _, ok := a.Deposit(1); ok {
		t.Error("a closed account took a deposit")
	}
	if _, ok := a.Balance(); ok {
		t.Error("a closed account has a balance")
	}
}

func TestManyAtOnce(t *testing.T) {
	a := Open(0)
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 20000 {
				a.Deposit(1)
			}
		}()
	}
	all.Wait()
	if balance, _ := a.Balance(); balance != 160000 {
		t.Errorf("Balance() = %d, want 160000", balance)
	}
}
