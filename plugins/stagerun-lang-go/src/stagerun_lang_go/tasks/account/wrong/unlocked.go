package account

import "runtime"

// Account is a bank account.
type Account struct {
	balance int64
	closed  bool
}

// Open opens an account.
func Open(initial int64) *Account {
	if initial < 0 {
		return nil
	}
	return &Account{balance: initial}
}

// Balance gives what is on it.
func (a *Account) Balance() (int64, bool) { return a.balance, !a.closed }

// Deposit adds or takes money.
func (a *Account) Deposit(amount int64) (int64, bool) {
	now := a.balance
	if a.closed || now+amount < 0 {
		return 0, false
	}
	if now%100 == 0 {
		runtime.Gosched()
	}
	a.balance = now + amount
	return a.balance, true
}

// Close pays out what is left.
func (a *Account) Close() (int64, bool) {
	if a.closed {
		return 0, false
	}
	paid := a.balance
	a.balance, a.closed = 0, true
	return paid, true
}
