#ifndef DISK_H
#define DISK_H

#include <sqlite3.h>
#include <stdint.h>

#include "simulated_disk.h"

/// What has been asked of a file since it was last synced.
typedef struct Change {
    struct Change *next;
    int64_t offset;
    int64_t length;
    uint8_t *bytes; // NULL for a truncation to `offset`
} Change;

typedef struct Content {
    uint8_t *bytes;
    int64_t size;
    int64_t room;
} Content;

/// The index of the write-ahead log, which connections of one process share. It lives as long as one has it mapped.
typedef struct SharedIndex {
    void *regions[64];
    int count;
    int references;
    int shared[SQLITE_SHM_NLOCK];
    int exclusive[SQLITE_SHM_NLOCK];
} SharedIndex;

typedef struct DiskFile {
    struct DiskFile *next;
    char name[64];
    int exists;
    int exists_durably;
    Content content;
    Content durable;
    Change *first;
    Change **last;
    SharedIndex *index;
    int sharing;
    int reserved;
    int exclusive;
} DiskFile;

struct SimulatedDisk {
    int slot;
    int generation;
    uint64_t random;
    DiskFile *files;
    int is_dead;
    int dies_in;
    int dies_behind;
    int fail_kinds;
    int fail_in;
    int fail_times;
    int fail_code;
    int is_full;
    int is_lying;
    int failed;
    int64_t calls;
    char path[160];
};

uint64_t disk_random(SimulatedDisk *disk);
DiskFile *disk_file(SimulatedDisk *disk, const char *name, int makes);
/// Counts a call, and says with what it fails; `is_behind` is set where the process dies behind it.
int disk_call(SimulatedDisk *disk, int kind, int *is_behind);
int disk_write(DiskFile *file, const void *bytes, int64_t length, int64_t offset);
int disk_truncate(DiskFile *file, int64_t size);
void disk_sync(DiskFile *file);
void disk_lose_some(SimulatedDisk *disk, DiskFile *file, SimulatedLoss *loss);
void index_release(SharedIndex *index);

/// The disk and the name that a path leads to; NULL for a path of the system's.
SimulatedDisk *disk_of_path(const char *path, int *generation, const char **name);
/// Registers the layer with SQLite, once.
void layer_register(void);

#define DISK_PREFIX "/andon-simulated-disk/"

#endif
