/* A stand-in for libnvidia-ml.so.1, since no GPU can be had here: the functions that nvml.py calls, with the signatures, structures
 * and return codes of NVIDIA's published NVML API reference. What it tells comes from the environment:
 *   FAKE_NVML_GPUS   one GPU a part, parted by ';': "uuid,name,total bytes,reserved bytes,major,minor,MIG mode (-1: cannot)"
 *   FAKE_NVML_INIT   what nvmlInit_v2 returns, FAKE_NVML_CUDA the driver's CUDA as 12080, FAKE_NVML_OLD set: no v2 memory call,
 *   FAKE_NVML_SHARES set: no memory of its own
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, LIBRARY_NOT_FOUND = 12,
       FUNCTION_NOT_FOUND = 13 };
#define MOST 16
#define INSTANCE_BYTES 10468982784ULL /* of the one instance that a divided GPU has */
#define INSTANCE_UUID "MIG-11111111-2222-3333-4444-555555555555"

typedef struct { char uuid[96], name[96]; unsigned long long total, reserved; int major, minor, mig; } gpu_t;
typedef struct { gpu_t *gpu; int instance; } device_t;
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } memory_v2_t;

static gpu_t gpus[MOST];
static device_t whole[MOST], part[MOST];
static unsigned int count;

static const char *said(const char *name, const char *otherwise) { const char *text = getenv(name); return text ? text : otherwise; }

static int copy(const char *text, char *buffer, unsigned int length) {
    if (strlen(text) + 1 > length) return INSUFFICIENT_SIZE;
    strcpy(buffer, text);
    return SUCCESS;
}

int nvmlInit_v2(void) {
    const char *rest = said("FAKE_NVML_GPUS", "");
    for (count = 0; *rest && count < MOST; count++) {
        gpu_t *gpu = &gpus[count];
        sscanf(rest, "%95[^,],%95[^,],%llu,%llu,%d,%d,%d", gpu->uuid, gpu->name, &gpu->total, &gpu->reserved, &gpu->major,
               &gpu->minor, &gpu->mig);
        whole[count] = (device_t){gpu, 0};
        part[count] = (device_t){gpu, 1};
        rest += strcspn(rest, ";");
        rest += *rest == ';';
    }
    return atoi(said("FAKE_NVML_INIT", "0"));
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "an error"; }

int nvmlSystemGetDriverVersion(char *buffer, unsigned int length) { return copy("580.65.06", buffer, length); }

int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    *version = atoi(said("FAKE_NVML_CUDA", "13000"));
    return *version ? SUCCESS : LIBRARY_NOT_FOUND;
}

int nvmlDeviceGetCount_v2(unsigned int *found) { *found = count; return SUCCESS; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device_t **device) {
    if (index >= count) return INVALID_ARGUMENT;
    *device = &whole[index];
    return SUCCESS;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, device_t **device) {
    if (strcmp(uuid, INSTANCE_UUID) == 0 && count) { *device = &part[0]; return SUCCESS; }
    return NOT_FOUND;
}

int nvmlDeviceGetUUID(device_t *device, char *buffer, unsigned int length) { return copy(device->gpu->uuid, buffer, length); }

int nvmlDeviceGetName(device_t *device, char *buffer, unsigned int length) { return copy(device->gpu->name, buffer, length); }

int nvmlDeviceGetMemoryInfo(device_t *device, memory_t *memory) {
    if (getenv("FAKE_NVML_SHARES")) return NOT_SUPPORTED;
    memory->total = device->instance ? INSTANCE_BYTES : device->gpu->total;
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo_v2(device_t *device, memory_v2_t *memory) {
    if (getenv("FAKE_NVML_SHARES")) return NOT_SUPPORTED;
    if (getenv("FAKE_NVML_OLD")) return FUNCTION_NOT_FOUND;
    if (memory->version != (unsigned int)(sizeof(memory_v2_t) | (2U << 24))) return INVALID_ARGUMENT;
    memory->total = device->instance ? INSTANCE_BYTES : device->gpu->total;
    memory->reserved = device->instance ? 0 : device->gpu->reserved;
    return SUCCESS;
}

int nvmlDeviceGetCudaComputeCapability(device_t *device, int *major, int *minor) {
    if (device->instance) return NOT_SUPPORTED;
    *major = device->gpu->major;
    *minor = device->gpu->minor;
    return SUCCESS;
}

int nvmlDeviceGetMigMode(device_t *device, unsigned int *now, unsigned int *later) {
    if (device->instance || device->gpu->mig < 0) return NOT_SUPPORTED;
    *now = *later = device->gpu->mig != 0;
    return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(device_t *device, unsigned int index, device_t **instance) {
    if (index != 1 || device->gpu->mig == 2) return NOT_FOUND; /* mode 2: divided, with no instance */
    *instance = &part[device - whole];
    return SUCCESS;
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device_t *instance, device_t **device) {
    *device = &whole[instance - part];
    return SUCCESS;
}
