"""Hostile Go against the machine: its resources, and doors that must be closed; and code that the compiler should choke on."""

from __future__ import annotations

from .hostile import ENDED, TIMEOUT, attack, in_add, refused

_HOARD = """
	for range 10240 {
		block := make([]byte, 1<<20)
		for at := range block {
			block[at] = 1
		}
		hoard = append(hoard, block)
	}
"""
_DOUBLING = (
    'const c0 = "xxxxxxxx"\n' + "".join(f"const c{n} = c{n - 1} + c{n - 1}\n" for n in range(1, 40)) + "var c = c39\n"
)
RESOURCES = {
    "loops for ever": attack("", "", in_add("\tfor {\n\t}"), verdicts=TIMEOUT),
    "loops for ever in init": attack("", "func init() { for {} }", verdicts=TIMEOUT),
    "sleeps for ever": attack("time", "", in_add("\ttime.Sleep(time.Hour)"), verdicts=TIMEOUT),
    "waits for what never comes": attack("", "", in_add("\tselect {}"), verdicts=("failed", "timeout")),
    "ignores the signals that end it": attack(
        "os os/signal",
        "func init() { signal.Ignore(); signal.Notify(make(chan os.Signal)); for {} }",
        verdicts=TIMEOUT,
    ),
    "takes ten gigabytes": attack("", "var hoard [][]byte", in_add(_HOARD), verdicts=("oom", "failed", "timeout")),
    "recurses without end": attack(
        "", "func deep(n int) int { return deep(n+1) + 1 }", in_add("\tdeep(0)"), verdicts=ENDED
    ),
    "writes without end": attack("fmt", "", in_add('\tfor {\n\t\tfmt.Println("x")\n\t}'), verdicts=TIMEOUT),
    "fills its folder": attack(
        "fmt os",
        """
func init() {
	for at := range 100000 {
		os.WriteFile(fmt.Sprint("f", at), make([]byte, 1<<20), 0o644)
	}
}
""",
        verdicts=ENDED,
    ),
    "starts goroutines without end": attack(
        "time", "func init() { for { go time.Sleep(time.Hour) } }", verdicts=("timeout", "oom", "failed")
    ),
    "starts threads without end": attack(
        "runtime", "func init() { for { go func() { runtime.LockOSThread(); select {} }() } }", verdicts=ENDED
    ),
    "starts itself without end": attack(
        "os os/exec",
        """
func init() {
	for {
		exec.Command(os.Args[0]).Start()
	}
}
""",
        verdicts=ENDED,
    ),
    "leaves a process behind": attack(
        "os/exec syscall",
        """
func init() {
	command := exec.Command("sleep", "1000")
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Start()
}
""",
    ),
    "is a bomb for the compiler": attack(
        "", "const big = 1 << 100000\n\nvar x = [1 << 28]int{1 << 27: 1}\n\nvar y = &x", verdicts=ENDED
    ),
    "has a constant that doubles without end": attack("", _DOUBLING, verdicts=ENDED),
    "has types that grow without end": attack(
        "", "type T[P any] struct{ next *T[[2]P] }\n\nvar t T[int]", verdicts=ENDED
    ),
}

ESCAPING = {
    "opens a connection": refused(
        "net time",
        '\t_, err := net.DialTimeout("tcp", "1.1.1.1:53", 300*time.Millisecond)\n\treturn err == nil',
        "landlock",
    ),
    "sends a datagram": refused(
        "net",
        """	c, err := net.Dial("udp", "1.1.1.1:53")
	if err != nil {
		return false
	}
	_, err = c.Write([]byte("x"))
	return err == nil""",
        "landlock",
    ),
    "asks for a name": refused("net", '\t_, err := net.LookupHost("example.org")\n\treturn err == nil', "landlock"),
    "writes outside its folder": refused(
        "os",
        """	for _, path := range []string{"/etc/x", "/usr/x", "/var/x", "/x"} {
		if os.WriteFile(path, nil, 0o644) == nil {
			return true
		}
	}
	return false""",
        "landlock",
    ),
    "writes into the compiled standard library": refused(
        "os path/filepath runtime",
        """	places, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "pkg", "*"))
	for _, place := range append(places, runtime.GOROOT()) {
		if os.WriteFile(filepath.Join(place, "x"), nil, 0o644) == nil {
			return true
		}
	}
	return false""",
        "landlock",
    ),
    "changes the rights of a file outside": refused(
        "os", '\treturn os.Chmod("/etc/hosts", 0o777) == nil || os.Chmod("/usr", 0o777) == nil', "landlock"
    ),
    "links to a file outside and writes through the link": refused(
        "os", '\tos.Symlink("/etc/hosts", "link")\n\treturn os.WriteFile("link", nil, 0o644) == nil', "landlock"
    ),
    "reads secrets in its environment": refused(
        "os strings",
        """	for _, each := range os.Environ() {
		if strings.Contains(each, "TOKEN") || strings.Contains(each, "SECRET") {
			return true
		}
	}
	return false""",
        "limits",
    ),
    "reads the environment of its parent": refused(
        "bytes fmt os",
        """	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
	return err == nil && bytes.Contains(data, []byte("TOKEN"))""",
        "landlock",
    ),
    "signals the harness above it": refused(
        "os syscall", "\treturn os.Getppid() > 1 && syscall.Kill(os.Getppid(), 0) == nil", "landlock"
    ),
    "rewrites its own memory through /proc": refused(
        "os", '\t_, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)\n\treturn err == nil', "landlock"
    ),
}
