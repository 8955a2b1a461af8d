"""Hostile Go that reaches for memory, for the tests' texts, for a second run, or changes what tests compare with."""

from __future__ import annotations

from attacks import Attack

from .hostile import EVERY, RIGHT, WRONG, attack, in_add

_POINTER = """
type header struct{ data, size, room uintptr }

func init() {
	var window []byte
	(*header)(reflect.ValueOf(&window).UnsafePointer()).size = 1 << 40
}
"""
_INFERRED = """
func cast[P any](_ func(*P, P) P, value any) P { return value.(P) }

func init() {
	n := 0
	method := reflect.ValueOf(reflect.ValueOf(&n)).MethodByName("Unsafe" + "Pointer")
	p := cast(atomic.SwapPointer, method.Call(nil)[0].Interface())
	(*[1 << 20]byte)(p)[0] = 1
}
"""
_ORACLE = """
func init() {
	if os.Getenv("AGAIN") != "" {
		return
	}
	main, _ := os.ReadFile(".stagerun/main0.go")
	key := regexp.MustCompile(`[0-9a-f]{32}`).FindString(string(main))
	for _, program := range []string{os.Args[0], "/proc/self/exe", "./copy"} {
		if data, err := os.ReadFile("/proc/self/exe"); err == nil {
			os.WriteFile("copy", data, 0o755)
		}
		again := exec.Command(program)
		again.Stdin = strings.NewReader(key + strings.Repeat("0123456789abcdef", 100))
		again.Env = append(os.Environ(), "AGAIN=1")
		said, _ := again.CombinedOutput()
		for _, found := range regexp.MustCompile(`want (-?\\d+)`).FindAllSubmatch(said, -1) {
			n, _ := strconv.Atoi(string(found[1]))
			told = append(told, n)
		}
	}
}

var told []int
"""
_TOLD = WRONG.replace(
    "func Add(a, b int) int      { return 0 }", "func Add(a, b int) int { return append(told, 0)[0] }"
)
_EOF = """package solution

import (
	"io"
	"testing"
)

func TestAdd(t *testing.T) {
	if err := Read(); err != io.EOF {
		t.Error("no end")
	}
}
"""


def _at_end(change: str, imports: str = "io") -> Attack:
    return attack(imports, f"func Read() error {{ return nil }}\n\n{change}", tests=_EOF)


_EARLY = """package early

import "syscall"

var Words = make([]byte, 4096)

func init() { n, _ := syscall.Read(0, Words); Words = Words[:n] }
"""
_LINUX = "//go:build linux\n\npackage solution\n"


def _early(folder: str) -> Attack:
    """A package that a build with conditions would start before the harness."""
    files = {f"{folder}/early.go": _EARLY, "ours.go": _LINUX}
    return attack(f"solution/{folder}", "var _ = early.Words", files=files)


_READS = """
func init() {
	for _, name := range []string{"solution_test.go", "../solution_test.go", "/proc/self/cwd/solution_test.go"} {
		if text, err := os.ReadFile(name); err == nil && strings.Contains(string(text), "Add(1, 2); got != 3") {
			three = 3
		}
	}
}

var three int
"""
_THREE = WRONG.replace("return 0 }", "return three }", 1)
MEMORY = {
    "takes an unsafe pointer from reflect": attack("reflect", _POINTER),
    "infers the type of an unsafe pointer": attack("reflect sync/atomic", _INFERRED),
    "makes a value at an address": attack("reflect", "var f = reflect.NewAt"),
    "makes a slice at an address": attack("reflect", "var f = reflect.SliceAt"),
    "sets a pointer by reflection": attack("reflect", "var f = reflect.Value.SetPointer"),
    "imports reflect by a dot": attack(
        "", "", files={"more.go": 'package solution\n\nimport . "reflect"\n\nvar F = NewAt\n'}
    ),
    "loads a pointer atomically": attack("sync/atomic", "var f = atomic.LoadPointer"),
    "imports atomic under another name": attack(
        "", "", files={"more.go": 'package solution\n\nimport a "sync/atomic"\n\nvar F = a.StorePointer\n'}
    ),
    "asks for tracebacks of C": attack("runtime", "func init() { runtime.SetCgoTraceback(0, nil, nil, nil) }"),
    "names the pointer in a constraint": attack(
        "reflect",
        (
            "func take[P any, V interface{ UnsafePointer() P }](v V) P { return v.UnsafePointer() }\n\n"
            "var p = take(reflect.ValueOf(&told))\n\nvar told int"
        ),
    ),
    "imports unsafe in quotes of another kind": attack(
        "", "", files={"more.go": "package solution\n\nimport `unsafe`\n\nvar size = unsafe.Sizeof(0)\n"}
    ),
    "imports unsafe in a package of its own": attack(
        "solution/deep",
        "var _ = deep.Size",
        files={"deep/deep.go": 'package deep\n\nimport u "unsafe"\n\nvar Size = u.Sizeof(0)\n'},
    ),
    "reads its own memory": attack(
        "os", 'func init() { f, _ := os.Open("/proc/self/mem"); f.ReadAt(make([]byte, 9), 1<<22) }'
    ),
    "reads the memory of its threads": attack(
        "os path/filepath",
        (
            'func init() { all, _ := filepath.Glob("/proc/self/task/*/mem"); for _, each := range all { '
            "os.WriteFile(each, nil, 0) } }"
        ),
    ),
    "opens a plugin": attack("plugin", 'func init() { plugin.Open("x.so") }'),
    "traces a child": attack(
        "os/exec syscall",
        'func init() { c := exec.Command("true"); c.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}; c.Start() }',
    ),
    "prints the stacks of all goroutines": attack(
        "runtime", "func init() { runtime.Stack(make([]byte, 1<<20), true) }"
    ),
    "crashes with everything in view": attack(
        "runtime/debug", 'func init() { debug.SetTraceback("system") }', in_add("\tvar p *int\n\treturn *p")
    ),
    "nests a linkname in a group": attack(
        "", "", files={"more.go": "package solution\n\nvar (\n//go:linkname x runtime.x\n\tx int\n)\n"}
    ),
}
AGAIN = {
    "runs the program again to hear what is wanted": attack("os os/exec regexp strconv strings", _ORACLE, _TOLD),
    "reads the texts of the tests": attack("os strings", _READS, _THREE),
    "embeds all its files": attack("embed", "//go:embed *.go\nvar all embed.FS\n\nvar _ = all"),
    "embeds its folder": attack("embed", "//go:embed all:*\nvar all embed.FS\n\nvar _ = all"),
    "replaces itself by another program": attack(
        "os syscall", 'func init() { syscall.Exec("/bin/true", nil, os.Environ()) }'
    ),
    "replaces itself when called": attack("syscall", "", in_add('\tsyscall.Exec("/bin/true", []string{"true"}, nil)')),
    "starts before the harness in testdata": _early("testdata/early"),
    "starts before the harness in a folder with a line": _early("_early"),
    "starts before the harness in a folder of its own": _early("aaa"),
    "starts before the harness beside a file for another system": attack(
        "solution/early",
        "var _ = early.Words",
        files={"early/early.go": _EARLY, "early/a_windows.go": "package other\n"},
    ),
    "builds its report in a file": attack("os", 'func init() { os.WriteFile("/proc/self/fd/3", []byte("x"), 0) }'),
    "puts a pipe in the place of the channel": attack(
        "os syscall",
        "func init() { r, w, _ := os.Pipe(); syscall.Dup2(int(w.Fd()), 3); go func() { r.Read(make([]byte, 99)) }() }",
    ),
    "hands the channel to a child": attack(
        "os os/exec",
        'func init() { c := exec.Command("sh", "-c", "echo pass >&3"); c.ExtraFiles = []*os.File{os.NewFile(3, "")}; c.Run() }',
        RIGHT,
        verdicts=("tampered",),
    ),
    "floods the channel": attack(
        "syscall",
        "func init() { for at := 0; at < 1000; at++ { syscall.Write(3, make([]byte, 4096)) } }",
        RIGHT,
        verdicts=("tampered",),
    ),
    "writes half a line": attack(
        "syscall", 'func init() { syscall.Write(3, []byte("abc")) }', RIGHT, verdicts=("tampered",)
    ),
}
MEANING = {
    "makes the end of a file nothing": _at_end("func init() { io.EOF = nil }"),
    "makes it nothing in a list": _at_end("func init() { var x int; x, io.EOF = 1, nil; _ = x }"),
    "makes it nothing in a loop": _at_end("func init() { for _, io.EOF = range []error{nil} { } }"),
    "makes it nothing in brackets": _at_end("func init() { (io.EOF) = nil }"),
    "makes it nothing by its address": _at_end("func init() { p := &io.EOF; *p = nil }"),
    "makes it nothing under another name": attack(
        "",
        "func Read() error { return nil }",
        files={"more.go": 'package solution\n\nimport i "io"\n\nfunc init() { i.EOF = nil }\n'},
        tests=_EOF,
    ),
    "skips subtests by flag": attack("flag testing", 'func init() { testing.Init(); flag.Set("test.skip", "./.") }'),
    "skips subtests from a goroutine": attack(
        "flag",
        'func init() { go func() { for { flag.Set("test.skip", "./.") } }() }',
        verdicts=("failed", "tampered", "timeout"),
    ),
    "stops at the first failure": attack(
        "flag testing", 'func init() { testing.Init(); flag.Set("test.failfast", "true") }'
    ),
    "shuffles the tests": attack("flag testing", 'func init() { testing.Init(); flag.Set("test.shuffle", "on") }'),
    "runs tests for several processors": attack(
        "flag testing", 'func init() { testing.Init(); flag.Set("test.cpu", "1,2") }'
    ),
    "looks for all flags": attack(
        "flag testing", 'func init() { testing.Init(); flag.VisitAll(func(f *flag.Flag) { f.Value.Set("^$") }) }'
    ),
    "calls testing's main itself": attack(
        "testing", "func init() { testing.Main(func(a, b string) (bool, error) { return true, nil }, nil, nil, nil) }"
    ),
    "runs tests of its own by testing": attack(
        "testing",
        (
            "func init() { testing.RunTests(func(a, b string) (bool, error) { return true, nil }, "
            '[]testing.InternalTest{{"TestAdd", func(*testing.T) {}}}) }'
        ),
    ),
    "declares the package testing in its file": attack("", "var testing = struct{ T int }{}"),
    "declares the package errors as a function": attack(
        "", "", files={"more.go": "package solution\n\nfunc errors() {}\n"}
    ),
    "declares len": attack("", "func iota() {}\n\nfunc true() bool { return false }"),
    "declares error as a number": attack("", "type error = int"),
    "hides true in a group": attack("", "const (\n\ta, true = 1 == 2, 1 == 2\n)"),
    "ends the goroutine after a recovery": attack(
        "runtime", "", in_add("\tdefer func() { recover(); runtime.Goexit() }()\n\tpanic(1)")
    ),
    "panics in a goroutine": attack("", "", in_add('\tgo panic("x")\n\tselect {}'), verdicts=("failed", "timeout")),
    "leaves by a fatal error": attack(
        "",
        "",
        in_add("\tm := map[int]int{}\n\tgo func() { for { m[1]++ } }()\n\tfor { m[2]++ }"),
        verdicts=("failed", "timeout"),
    ),
    "logs a fatal error": attack("log", "", in_add('\tlog.Fatal("no")')),
    "kills itself": attack(
        "syscall", "", in_add("\tsyscall.Kill(syscall.Getpid(), syscall.SIGKILL)"), verdicts=("failed", "oom")
    ),
    "kills everybody": attack(
        "syscall", "", in_add("\tsyscall.Kill(-1, syscall.SIGKILL)"), verdicts=("failed", "tampered")
    ),
    "ends by a signal that counts as well": attack(
        "syscall",
        "",
        in_add("\tsyscall.Kill(syscall.Getpid(), syscall.SIGTERM)\n\tselect {}"),
        verdicts=("failed", "tampered", "timeout"),
    ),
    "exits when collected": attack(
        "os runtime",
        "func init() { x := new([9]int); runtime.SetFinalizer(x, func(*[9]int) { os.Exit(0) }); x = nil; runtime.GC() }",
    ),
    "exits by an alarm": attack(
        "os time", "func init() { time.AfterFunc(0, func() { os.Exit(0) }) }", in_add("\tselect {}")
    ),
    "skips by panicking with testing's words": attack(
        "", "", in_add('\tpanic("test executed panic(nil) or runtime.Goexit")')
    ),
    "has a package clause of the tests": attack("", "", files={"more.go": "package solution_test\n"}),
    "leaves a folder that nobody can enter": attack("os", 'func init() { os.Mkdir("x", 0); os.Chmod(".", 0) }'),
    "makes folders without end": attack(
        "os",
        'func init() { for at := 0; at < 3000; at++ { if os.Mkdir("d", 0o755) != nil || os.Chdir("d") != nil { break } } }',
    ),
}
KINDLY = {
    "has harmless flags for testing": attack(
        "flag testing",
        'func init() { testing.Init(); flag.Set("test.v", "true") }',
        RIGHT,
        verdicts=("passed",),
        earned=EVERY,
    ),
}
REACH = {**MEMORY, **AGAIN, **MEANING, **KINDLY}
