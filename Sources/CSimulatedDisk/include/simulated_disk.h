#ifndef SIMULATED_DISK_H
#define SIMULATED_DISK_H

#include <stdint.h>

/// A disk in memory below SQLite that forgets what was not synced, refuses calls, and dies at a chosen one.
///
/// Files lie under the path that `simulated_disk_path` gives; every other path goes to the system's own files. A disk
/// outlives the processes that use it: each has a generation of its own, and a handle of an earlier one gets nothing but
/// errors. One thread uses a disk at a time.
typedef struct SimulatedDisk SimulatedDisk;

/// What a power cut did to what was not synced.
typedef struct {
    int kept;
    int dropped;
    int torn;
    int files_gone;
} SimulatedLoss;

enum { SIMULATED_WRITE = 1, SIMULATED_SYNC = 2, SIMULATED_TRUNCATE = 4 };

/// Makes a disk, empty or with the files of another one, as synced. NULL where there are too many.
SimulatedDisk *simulated_disk_make(const SimulatedDisk *original, uint64_t seed);
void simulated_disk_free(SimulatedDisk *disk);

/// Of a file, for the present generation. To be used before the next call.
const char *simulated_disk_path(SimulatedDisk *disk, const char *name);

/// The process that uses the disk dies at its n-th write, sync or truncation from now, before it or right behind it.
void simulated_disk_die_at(SimulatedDisk *disk, int calls, int is_behind);
/// Whether it has died.
int simulated_disk_is_dead(const SimulatedDisk *disk);
/// Further calls of the kinds fail with the code: the n-th from now, and so many.
void simulated_disk_fail(SimulatedDisk *disk, int kinds, int calls, int times, int code);
/// Whether there is room for more.
void simulated_disk_set_full(SimulatedDisk *disk, int is_full);
/// A disk that says that it has synced and has not.
void simulated_disk_set_lying(SimulatedDisk *disk, int is_lying);
/// Calls that failed so far.
int simulated_disk_failed(const SimulatedDisk *disk);
/// Writes, syncs and truncations so far.
int64_t simulated_disk_calls(const SimulatedDisk *disk);

/// Begins a new generation: all open handles are dead. With a power cut what was not synced is kept, lost or torn.
SimulatedLoss simulated_disk_restart(SimulatedDisk *disk, int is_power_cut);

/// Changes a byte of a file behind everybody's back. 0 where there is no such byte.
int simulated_disk_flip(SimulatedDisk *disk, const char *name, int64_t offset);

#endif
