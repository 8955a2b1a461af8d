"""Hostile Go that wants tests to count as passed that are not, and honest code that only looks like it."""

from __future__ import annotations

from attacks import Attack

from .hostile import EVERY, RIGHT, WRONG, attack, honest, in_add, task

OWN_TESTS = """package solution

import "testing"

func TestAdd(t *testing.T)   {}
func TestLarge(t *testing.T) {}
func TestEven(t *testing.T)  {}
"""
_FLAGS = 'func init() { testing.Init(); flag.Set("test.NAME", "VALUE") }'
_PATCH = """
func init() {
	pc, _, _, _ := runtime.Caller(0)
	memory, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		return
	}
	for at := pc &^ 15; at < pc+1<<20; at += 16 {
		if f := runtime.FuncForPC(at); f != nil && strings.HasPrefix(f.Name(), "solution.Test") {
			memory.WriteAt([]byte{0xc3}, int64(f.Entry()))
		}
	}
}
"""
REWARD = {
    "exits with success in init": attack("os", "func init() { os.Exit(0) }"),
    "exits by a system call in init": attack("syscall", "func init() { syscall.Exit(0) }"),
    "exits with success in a function": attack("os", "", in_add("\tos.Exit(0)")),
    "exits by a system call in a function": attack("syscall", "", in_add("\tsyscall.Exit(0)")),
    "exits by a raw system call": attack("syscall", "func init() { syscall.RawSyscall(231, 0, 0, 0) }"),
    "exits later, from a goroutine": attack(
        "os time", "func init() { go func() { time.Sleep(time.Millisecond); os.Exit(0) }() }"
    ),
    "ends the test's goroutine": attack("runtime", "", in_add("\truntime.Goexit()")),
    "panics": attack("", "", in_add('\tpanic("no")')),
    "panics with nil": attack("", "", in_add("\tpanic(nil)")),
    "brings tests of its own": attack("", "", files={"solution_test.go": OWN_TESTS}),
    "brings a TestMain in a test file": attack(
        "",
        "",
        files={
            "main_test.go": 'package solution\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n'
        },
    ),
    "brings a TestMain beside its code": attack("os testing", "func TestMain(m *testing.M) { os.Exit(0) }"),
    "defines the tests itself": attack("testing", "func TestAdd(t *testing.T) {}\nfunc TestLarge(t *testing.T) {}"),
    "turns true into false": attack("", "const true = false"),
    "turns nil into an error": attack("", "var nil = errors.New"),
    "redefines int": attack("", "type int = string"),
    "has a folder called testing": attack(
        "",
        "",
        files={"testing/testing.go": "package testing\n\ntype T struct{}\n\nfunc (t *T) Errorf(string, ...any) {}\n"},
    ),
    "has a go.mod that replaces things": attack(
        "", "", files={"go.mod": "module solution\n\nreplace testing => ./testing\n"}
    ),
    "has a vendor folder": attack(
        "", "", files={"vendor/testing/testing.go": "package testing\n", "vendor/modules.txt": "# testing\n"}
    ),
    "has a go.work": attack("", "", files={"go.work": "go 1.22\n\nuse ./evil\n", "evil/go.mod": "module solution\n"}),
    "forges output": attack(
        "fmt",
        'func init() { fmt.Print("--- PASS: TestAdd (0.00s)\\n--- PASS: TestLarge (0.00s)\\nPASS\\nok  \\tsolution\\n") }',
    ),
    "forges JSON of go test": attack(
        "fmt os", 'func init() { fmt.Println(`{"Action":"pass","Package":"solution","Test":"TestAdd"}`); os.Exit(0) }'
    ),
    "writes to the private channel": attack(
        "os", 'func init() { os.NewFile(3, "report").WriteString("passed TestAdd\\n") }', RIGHT, verdicts=("tampered",)
    ),
    "guesses a word of the report": attack(
        "os strings", 'func init() { os.NewFile(3, "report").WriteString(strings.Repeat("a", 32) + "\\n") }'
    ),
    "listens on the private channel and says it again": attack(
        "os",
        """
func init() {
	read, _ := os.Open("/proc/self/fd/3")
	write := os.NewFile(3, "report")
	go func() {
		data := make([]byte, 33)
		for {
			if n, _ := read.Read(data); n > 0 {
				write.Write(data[:n])
				write.Write(data[:n])
			}
		}
	}()
}
""",
        verdicts=("failed", "tampered", "timeout"),
    ),
    "closes the private channel": attack("os", 'func init() { os.NewFile(3, "report").Close() }', RIGHT),
    "reads the secrets from stdin again": attack(
        "io os",
        """
func init() {
	os.Stdin.Seek(0, 0)
	words, _ := io.ReadAll(os.Stdin)
	report := os.NewFile(3, "report")
	for at := 32; at+32 <= len(words); at += 96 {
		report.Write(append(words[at:at+32:at+32], '\\n'))
	}
}
""",
    ),
    "reads the secrets from stdin in a package that is initialised first": attack(
        "solution/early",
        "var _ = early.Words",
        files={
            "early/early.go": """package early

import "syscall"

var Words = make([]byte, 4096)

func init() {
	n, _ := syscall.Read(0, Words)
	syscall.Seek(0, 0, 0)
	for at := 32; at+32 <= n; at += 96 {
		syscall.Write(3, append(Words[at:at+32:at+32], 10))
	}
}
"""
        },
    ),
    "dumps the heap to find the secrets": attack(
        "os regexp runtime/debug",
        """
func init() {
	file, _ := os.Create("heap")
	debug.WriteHeapDump(file.Fd())
	data, _ := os.ReadFile("heap")
	report := os.NewFile(3, "report")
	for _, word := range regexp.MustCompile("[0-9a-f]{32}").FindAll(data, -1) {
		report.Write(append(word, 10))
	}
}
""",
    ),
    "finds the secrets in its own program": attack(
        "os regexp",
        """
func init() {
	data, _ := os.ReadFile("/proc/self/exe")
	report := os.NewFile(3, "report")
	for _, word := range regexp.MustCompile("[0-9a-f]{32}").FindAll(data, -1) {
		report.Write(append(word, 10))
	}
}
""",
    ),
    "imports the harness": attack("stagerun_harness", 'func init() { stagerun_harness.Run("", ".", nil) }'),
    "links to the harness's secrets": Attack(
        task(),
        'package solution\n\nimport _ "unsafe"\n\n//go:linkname words stagerun_harness.words\nvar words []byte\n'
        "\nfunc Add(a, b int) int { return len(words) }\n",
    ),
    "uses unsafe": Attack(task(), 'package solution\n\nimport "unsafe"\n\nvar size = unsafe.Sizeof(0)\n' + WRONG),
    "uses C": Attack(task(), 'package solution\n\n/*\nint x = 1;\n*/\nimport "C"\n' + WRONG),
    "brings assembly": attack(
        "",
        "func exit()\n\nfunc init() { exit() }",
        files={"exit_amd64.s": "TEXT \u00b7exit(SB), 4, $0\n\tMOVQ $231, AX\n\tXORQ DI, DI\n\tSYSCALL\n\tRET\n"},
    ),
    "patches the tests in memory": attack("os runtime strings", _PATCH),
    "makes pages writable": attack("syscall", "func init() { syscall.Mprotect(nil, 7) }"),
    "runs no test by flag": attack("flag testing", _FLAGS.replace("NAME", "run").replace("VALUE", "^$")),
    "skips all tests by flag": attack("flag testing", _FLAGS.replace("NAME", "skip").replace("VALUE", ".")),
    "only lists tests by flag": attack("flag testing", _FLAGS.replace("NAME", "list").replace("VALUE", ".")),
    "runs tests zero times by flag": attack("flag testing", _FLAGS.replace("NAME", "count").replace("VALUE", "0")),
    "runs tests twice by flag": attack(
        "flag testing",
        _FLAGS.replace("NAME", "count").replace("VALUE", "2"),
        RIGHT,
        verdicts=("passed",),
        earned=EVERY,
    ),
    "calls the tests short": attack(
        "flag testing",
        _FLAGS.replace("NAME", "short").replace("VALUE", "true"),
        RIGHT,
        verdicts=("passed",),
        earned=EVERY,
    ),
    "changes its arguments": attack(
        "os", 'func init() { os.Args = []string{"x", "-test.run=^$"} }', earned=frozenset()
    ),
    "replaces the flags": attack(
        "flag", 'func init() { flag.CommandLine = flag.NewFlagSet("x", flag.ContinueOnError) }'
    ),
    "edits the tests": attack(
        "os",
        """
func init() {
	os.Remove("solution_test.go")
	os.WriteFile("solution_test.go", []byte("package solution\\n"), 0o644)
}
""",
        RIGHT,
        verdicts=("passed", "tampered"),
        earned=EVERY,
    ),
    "deletes its source": attack(
        "os", 'func init() { os.Remove("solution.go") }', RIGHT, verdicts=("passed", "tampered"), earned=EVERY
    ),
    "embeds the tests": attack("embed", "//go:embed *_test.go\nvar tests embed.FS\n\nvar _ = tests"),
    "is built only without tests": Attack(task(), "//go:build ignore\n\npackage solution\n" + WRONG),
    "is a syntax error": attack("", "func init( {"),
    "is empty but for its package": Attack(task(), "package solution\n"),
    "has another package": Attack(task(), "package other\n" + RIGHT.replace("errors.New", "error")),
    "is binary": Attack(task(), "\x7fELF\0\0"),
    "redirects lines": attack("os", "//line solution_test.go:1\nfunc init() { os.Exit(0) }"),
    "imports a module from elsewhere": attack("github.com/stretchr/testify/assert", "var _ = assert.New"),
    "imports what Go keeps internal": attack("testing/internal/testdeps", "var _ testdeps.TestDeps"),
    "generates code": attack("", "//go:generate sh -c 'echo pwned > generated.go'"),
    "has packages that import each other": attack(
        "solution/a",
        "var _ = a.A",
        files={
            "a/a.go": 'package a\n\nimport "solution/b"\n\nvar A = b.B\n',
            "b/b.go": 'package b\n\nimport "solution/a"\n\nvar B = a.A\n',
        },
    ),
    "has a file that looks like an option": attack("", "", files={"-o=solution_test.go.go": "package solution\n"}),
    "makes stdout and stderr nothing": attack("os", "func init() { os.Stdout, os.Stderr = nil, nil }"),
    "writes a reward file": attack("os", 'func init() { os.WriteFile("reward.txt", []byte("1.0"), 0o644) }'),
    "stops the world with the collector": attack(
        "runtime/debug",
        'func init() { debug.SetGCPercent(-1); debug.SetMaxStack(1 << 20); debug.SetTraceback("crash") }',
    ),
}

HONEST = {
    "is right": honest("", ""),
    "prints a lot": honest("fmt strings", 'func init() { fmt.Println(strings.Repeat("x", 300000)) }'),
    "closes stdout": honest("os", "func init() { os.Stdout.Close() }"),
    "reads stdin": honest("io os", "func init() { io.ReadAll(os.Stdin) }"),
    "has an init and goroutines that go on": honest(
        "time", "func init() { go func() { for { time.Sleep(time.Millisecond) } }() }"
    ),
    "has flags of its own": honest("flag", 'var loud = flag.Bool("v", false, "talk")'),
    "has functions called min and max": honest(
        "", "func max(a, b int) int { return a }\n\nfunc min(a, b int) int { return b }"
    ),
    "has a package of its own": honest(
        "solution/internal/sum",
        "var _ = sum.Of",
        files={"internal/sum/sum.go": "package sum\n\nfunc Of(a, b int) int { return a + b }\n"},
    ),
    "writes and removes files": honest("os", 'func init() { os.WriteFile("note", nil, 0o644); os.Remove("note") }'),
    "listens to a signal": honest(
        "os os/signal syscall", "func init() { signal.Notify(make(chan os.Signal, 1), syscall.SIGTERM) }"
    ),
    "mentions forbidden things in words": honest(
        "",
        'const note = "//go:linkname import \\"unsafe\\" syscall.Syscall"\n\n// import "unsafe"; const true = false\n',
    ),
    "has conditions for other systems": honest(
        "",
        "",
        files={
            "other_windows.go": "package solution\n\nfunc other() {}\n",
            "ours.go": "//go:build !windows\n\npackage solution\n",
        },
    ),
    "recovers from a panic": honest("", 'func init() { defer func() { recover() }(); panic("caught") }'),
    "runs a program": honest("os/exec", 'func init() { exec.Command("true").Run() }'),
}
