package stagerun_harness

import (
	"io"
	"os"
	"sort"
	"strings"
	"testing"
)

// Example makes a test of an example function: what it prints must be the text in its comment.
func Example(run func(), output string, unordered bool) func(*testing.T) {
	return func(t *testing.T) {
		printed := strings.TrimSpace(capture(t, run))
		wanted := strings.TrimSpace(output)
		if unordered {
			printed, wanted = sorted(printed), sorted(wanted)
		}
		if printed != wanted {
			t.Errorf("got:\n%s\nwant:\n%s", printed, wanted)
		}
	}
}

func capture(t *testing.T, run func()) string {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before := os.Stdout
	os.Stdout = write
	all := make(chan string)
	go func() {
		text, _ := io.ReadAll(read)
		all <- string(text)
	}()
	defer func() { os.Stdout = before }()
	func() {
		defer write.Close()
		run()
	}()
	return <-all
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
