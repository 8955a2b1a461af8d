package stagerun_harness

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

const notDumpable = 0

var program []uint64 // this process's own machine code

// protect closes /proc/self/mem, by which a process writes even to its own code, for all but root, and finds the code.
func protect() {
	syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, notDumpable, 0)
	function := protect
	here := **(**uintptr)(unsafe.Pointer(&function))
	maps, _ := os.ReadFile("/proc/self/maps")
	for _, line := range strings.Split(string(maps), "\n") {
		span, rest, _ := strings.Cut(line, " ")
		from, to, _ := strings.Cut(span, "-")
		low, _ := strconv.ParseUint(from, 16, 64)
		high, _ := strconv.ParseUint(to, 16, 64)
		if strings.HasPrefix(rest, "r-x") && uint64(here) >= low && uint64(here) < high {
			size := int(high-low) / 8
			program = (*[1 << 28]uint64)(unsafe.Pointer(uintptr(low)))[:size:size]
		}
	}
}

// sum is a checksum of the code: a test that was patched to return at once changes it.
func sum() uint64 {
	total := uint64(len(program))
	for _, each := range program {
		total = (total ^ each) * 0x9E3779B97F4A7C15
	}
	return total
}

// landlock_create_ruleset and its two neighbours, and rights; linux/landlock.h
const (
	createRuleset, addRule, restrictSelf = 444, 445, 446
	versionOnly, pathBeneath             = 1, 1
	execute, refer                       = 1, 1 << 13
	noNewPrivileges, pathOnly            = 38, 1 << 21
)

// confine lets programs be started from the system's folders only. A second run of this one, under words of the candidate's
// choice, would tell it what the tests expect. Where the kernel cannot (before 5.19) nothing changes.
func confine() {
	if version, _, _ := syscall.RawSyscall(createRuleset, 0, 0, versionOnly); int(version) < 2 {
		return
	}
	handled := [1]uint64{execute | refer}
	rules, _, failed := syscall.RawSyscall(createRuleset, uintptr(unsafe.Pointer(&handled)), 8, 0)
	if failed != 0 {
		return
	}
	allow(rules, "/", refer) // or renaming from folder to folder would be refused
	for _, folder := range []string{"/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/nix"} {
		allow(rules, folder, execute)
	}
	syscall.AllThreadsSyscall6(syscall.SYS_PRCTL, noNewPrivileges, 1, 0, 0, 0, 0)
	syscall.AllThreadsSyscall(restrictSelf, rules, 0, 0)
	syscall.Close(int(rules))
}

func allow(rules uintptr, folder string, right uint64) {
	at, err := syscall.Open(folder, pathOnly|syscall.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	rule := struct {
		right uint64
		at    int32
	}{right, int32(at)}
	syscall.RawSyscall6(addRule, rules, pathBeneath, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	syscall.Close(at)
}
