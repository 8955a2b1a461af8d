// Package stagerun_harness runs a task's tests beside untrusted code in one process and reports on descriptor 3.
//
// Every judged package imports it, so that it is initialised before any of their code. It takes one secret word for each outcome
// of each test from standard input and puts it where neither the stack nor the heap leads. A word is written once, when its test
// has ended so; who reads the channel learns nothing to write. What it cannot hold off is code that writes to this process's
// memory; the checksum of the program's own code, and refusing `unsafe` and raw system calls, make that hard, not impossible.
//
// It is also compiled as a part of modules for older Go: nothing newer than Go 1.16 is used of the language.
package stagerun_harness

import (
	"flag"
	"os"
	"syscall"
	"testing"
)

const (
	channel  = 3
	word     = 32 // characters, and a line end after it
	room     = 1 << 20
	outcomes = 3 // of each test: passed, failed, skipped
)

var (
	words []byte // masked, outside the heap
	mask  []byte
	count int
	code  uint64
)

func init() {
	words, mask = outside(room), outside(word)
	for count < room {
		n, err := syscall.Read(0, words[count:])
		if n <= 0 || err != nil {
			break
		}
		count += n
	}
	syscall.Close(0)
	syscall.Open("/dev/null", syscall.O_RDONLY, 0) // takes the descriptor just closed
	random(mask)
	for at := range words[:count] {
		words[at] ^= mask[at%word]
	}
	syscall.CloseOnExec(channel)
	os.Args = os.Args[:1:1]
	hideFlags()
	protect()
	confine()
	code = sum()
}

// hideFlags has `testing` register its flags where nobody finds them: -test.skip=a/b would leave out all subtests, unseen.
func hideFlags() {
	public := flag.CommandLine
	flag.CommandLine = flag.NewFlagSet("", flag.ContinueOnError)
	testing.Init()
	flag.CommandLine = public
}

// Tests are the wrapped tests for `testing`, canaries included. The key proves that the caller is the program of this run.
func Tests(key, folder string, tests []testing.InternalTest) []testing.InternalTest {
	if !opens(key) || os.Chdir(folder) != nil {
		os.Exit(2)
	}
	os.Args = os.Args[:1:1]
	wrapped := make([]testing.InternalTest, len(tests))
	for at, test := range tests {
		wrapped[at] = testing.InternalTest{Name: test.Name, F: settled(at, len(tests), test.F)}
	}
	return wrapped
}

// Run hands the tests to `testing` and does not return.
func Run(key, folder string, tests []testing.InternalTest) {
	testing.Main(func(string, string) (bool, error) { return true, nil }, Tests(key, folder, tests), nil, nil)
}

// Canary is a test that must fail.
func Canary(t *testing.T) { t.Errorf("this one must fail") }

// FatalCanary is another.
func FatalCanary(t *testing.T) { t.FailNow() }

func settled(at, all int, test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) {
		whole := false
		t.Cleanup(func() { settle(at, all, t, whole) }) // first in, so last out: after subtests and other clean-ups
		defer func() {
			if whole {
				return
			}
			if reason := recover(); reason != nil {
				t.Errorf("panic: %v", reason)
			}
		}()
		test(t)
		whole = true
	}
}

func settle(at, all int, t *testing.T, whole bool) {
	switch {
	case testing.Short() || sum() != code:
		say(outcomes * all)
	case t.Skipped() && !t.Failed():
		say(outcomes*at + 2)
	case t.Failed() || !whole:
		say(outcomes*at + 1)
	default:
		say(outcomes * at)
	}
}

func opens(key string) bool {
	if len(key) != word || count < word {
		return false
	}
	for at := range key {
		if words[at]^mask[at] != key[at] {
			return false
		}
	}
	return true
}

// say writes the word at a place; the first one is the key, which is never written.
func say(place int) {
	begin := (place + 1) * word
	if begin+word > count {
		return
	}
	var line [word + 1]byte
	for at := 0; at < word; at++ {
		line[at] = words[begin+at] ^ mask[at]
	}
	line[word] = '\n'
	syscall.Write(channel, line[:])
	for at := range line {
		line[at] = 0
	}
	for at := begin; at < begin+word; at++ {
		words[at] = 0
	}
}
