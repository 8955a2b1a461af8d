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
