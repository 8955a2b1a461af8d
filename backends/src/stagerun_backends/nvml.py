"""Asks NVIDIA's driver about its GPUs through its own library, libnvidia-ml, by ctypes: no torch, no package, no process.

Written from NVIDIA's NVML API reference (docs.nvidia.com/deploy/nvml-api). A GPU that is divided (MIG) counts as its first
instance, which is the only one that CUDA gives a program.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from stagerun_backends.nvidia import NOT_LOADED, Gpu, Nvidia, Unreadable, Version, visible, wanted

LIBRARIES = ("libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1")
TEXT_BYTES = 96  # NVML_DEVICE_UUID_V2_BUFFER_SIZE and NVML_DEVICE_NAME_V2_BUFFER_SIZE
MIG_ENABLED = 1
MOST_INSTANCES = 7  # instances that one GPU can be divided into
TODO: Mapping[int, str] = {  # nvmlReturn_t -> what helps
    4: "ask for permission to use /dev/nvidia*",
    NOT_LOADED: "load the driver: `sudo modprobe nvidia`; in a container, start it with --gpus all",
    18: "the driver was updated while it ran: restart the machine",
}


class NvmlError(Exception):
    """A call that NVML refused, with its number (nvmlReturn_t)."""

    def __init__(self, call: str, code: int, text: str) -> None:
        self.code = code
        super().__init__(f"{call}: {text} ({code})")


class _Memory(ctypes.Structure):
    """nvmlMemory_t."""

    _fields_ = [(name, ctypes.c_ulonglong) for name in ("total", "free", "used")]


class _Memory2(ctypes.Structure):
    """nvmlMemory_v2_t, which also tells what the driver keeps for itself."""

    _fields_ = [
        ("version", ctypes.c_uint),
        *((name, ctypes.c_ulonglong) for name in ("total", "reserved", "free", "used")),
    ]


MEMORY_2 = ctypes.sizeof(_Memory2) | (2 << 24)  # NVML_STRUCT_VERSION(Memory, 2)


def read(said: str | None, libraries: Sequence[str] = LIBRARIES) -> Nvidia | None:
    """What the driver tells of the GPUs that `said`, the value of CUDA_VISIBLE_DEVICES, leaves.

    None without the library: there is no driver, or its libraries lie elsewhere. Raises Unreadable when it refuses.
    """
    library = next((found for name in libraries if (found := _load(name)) is not None), None)
    if library is None:
        return None
    nvml = Nvml(library)
    try:
        with nvml.session():
            return _read(nvml, said)
    except NvmlError as error:
        what, todo = f"NVIDIA's driver does not answer ({error})", TODO.get(error.code, "")
        raise Unreadable(what, todo, unloaded=error.code == NOT_LOADED) from error


def _load(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


class Nvml:
    """The library with its refusals as exceptions."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        library.nvmlErrorString.restype = ctypes.c_char_p

    @contextmanager
    def session(self) -> Iterator[None]:
        """NVML must be started before it is asked, and ended."""
        self.call("nvmlInit_v2")
        try:
            yield
        finally:
            self.library.nvmlShutdown()

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function; raises NvmlError when it refuses or the library is too old to have it."""
        try:
            code = getattr(self.library, name)(*arguments)
        except AttributeError:
            raise NvmlError(name, 13, "not in this version of the library") from None
        if code:
            raise NvmlError(name, code, (self.library.nvmlErrorString(code) or b"").decode(errors="replace"))

    def text(self, name: str, *arguments: Any) -> str:
        """What a function writes into a buffer."""
        buffer = ctypes.create_string_buffer(TEXT_BYTES)
        self.call(name, *arguments, buffer, ctypes.c_uint(TEXT_BYTES))
        return buffer.value.decode(errors="replace")

    def handle(self, name: str, *arguments: Any) -> ctypes.c_void_p:
        """The handle that a function gives."""
        handle = ctypes.c_void_p()
        self.call(name, *arguments, ctypes.byref(handle))
        return handle


def _read(nvml: Nvml, said: str | None) -> Nvidia:
    count = ctypes.c_uint()
    nvml.call("nvmlDeviceGetCount_v2", ctypes.byref(count))
    gpus = [gpu for handle in _handles(nvml, count.value, said) if (gpu := _gpu(nvml, handle)) is not None]
    return Nvidia(nvml.text("nvmlSystemGetDriverVersion"), _cuda(nvml), gpus, count.value)


def _handles(nvml: Nvml, count: int, said: str | None) -> list[ctypes.c_void_p]:
    """Handles of the GPUs that a program would see; instances (MIG) are named by their identifiers."""
    names = wanted(said)
    if names and names[0].startswith("MIG-"):
        return [nvml.handle("nvmlDeviceGetHandleByUUID", name.encode()) for name in names[:1]]
    handles = [nvml.handle("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index)) for index in range(count)]
    by_name = names is not None and not all(name.isdecimal() for name in names)
    return visible(said, [(nvml.text("nvmlDeviceGetUUID", one) if by_name else "", one) for one in handles])


def _gpu(nvml: Nvml, handle: ctypes.c_void_p) -> Gpu | None:
    """A GPU, or the first instance of a divided one; None when it is divided and has no instance."""
    used = _instance(nvml, handle)
    if used is None:
        return None
    return Gpu(nvml.text("nvmlDeviceGetName", used), _memory(nvml, used), _capability(nvml, handle))


def _instance(nvml: Nvml, handle: ctypes.c_void_p) -> ctypes.c_void_p | None:
    now, later = ctypes.c_uint(), ctypes.c_uint()
    try:
        nvml.call("nvmlDeviceGetMigMode", handle, ctypes.byref(now), ctypes.byref(later))
    except NvmlError:  # a GPU that cannot be divided, or an instance itself
        return handle
    if now.value != MIG_ENABLED:
        return handle
    for index in range(MOST_INSTANCES):
        try:
            return nvml.handle("nvmlDeviceGetMigDeviceHandleByIndex", handle, ctypes.c_uint(index))
        except NvmlError:
            continue
    return None


def _memory(nvml: Nvml, handle: ctypes.c_void_p) -> int:
    """Bytes that programs may use: all but what the driver keeps, where it says how much that is (since driver 510).

    0 where the GPU has no memory of its own, for which neither call is supported.
    """
    newer = _Memory2(version=MEMORY_2)
    try:
        nvml.call("nvmlDeviceGetMemoryInfo_v2", handle, ctypes.byref(newer))
        return int(newer.total - newer.reserved)
    except NvmlError:
        older = _Memory()
        with suppress(NvmlError):
            nvml.call("nvmlDeviceGetMemoryInfo", handle, ctypes.byref(older))
        return int(older.total)


def _capability(nvml: Nvml, handle: ctypes.c_void_p) -> Version:
    major, minor = ctypes.c_int(), ctypes.c_int()
    places = ctypes.byref(major), ctypes.byref(minor)
    try:
        nvml.call("nvmlDeviceGetCudaComputeCapability", handle, *places)
    except NvmlError:  # an instance, which leaves this to the GPU it is part of
        whole = nvml.handle("nvmlDeviceGetDeviceHandleFromMigDeviceHandle", handle)
        nvml.call("nvmlDeviceGetCudaComputeCapability", whole, *places)
    return major.value, minor.value


def _cuda(nvml: Nvml) -> Version | None:
    """The newest CUDA of the driver in use, 12080 for 12.8; None where libcuda is missing."""
    version = ctypes.c_int()
    try:
        nvml.call("nvmlSystemGetCudaDriverVersion_v2", ctypes.byref(version))
    except NvmlError:
        return None
    return version.value // 1000, version.value % 1000 // 10
