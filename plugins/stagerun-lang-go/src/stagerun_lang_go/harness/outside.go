package stagerun_harness

import "syscall"

// outside is memory that is not on the heap: a dump of the heap does not have it.
func outside(size int) []byte {
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	return memory
}

func random(into []byte) {
	source, err := syscall.Open("/dev/urandom", syscall.O_RDONLY, 0)
	if err != nil {
		return
	}
	syscall.Read(source, into)
	syscall.Close(source)
}
