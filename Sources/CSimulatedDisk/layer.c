// The layer between SQLite and its files ("VFS"): paths of simulated disks lead there, all others to the system's own layer.
#include <stdlib.h>
#include <string.h>

#include "disk.h"

typedef struct {
    sqlite3_file base;
    SimulatedDisk *disk;
    DiskFile *file;
    int generation;
    int level;
    SharedIndex *index;
    int shared;
    int exclusive;
    int deletes;
} Handle;

static sqlite3_vfs *original;

/// Whether the handle's process is alive.
static int is_alive(const Handle *handle) {
    return handle->generation == handle->disk->generation && !handle->disk->is_dead;
}

// MARK: A file

static int close_file(sqlite3_file *base);

static int read_file(sqlite3_file *base, void *target, int length, sqlite3_int64 offset) {
    Handle *handle = (Handle *)base;
    if (!is_alive(handle)) return SQLITE_IOERR_READ;
    const Content *content = &handle->file->content;
    int64_t there = content->size > offset ? content->size - offset : 0;
    if (there > length) there = length;
    if (there) memcpy(target, content->bytes + offset, (size_t)there);
    if (there == length) return SQLITE_OK;
    memset((uint8_t *)target + there, 0, (size_t)(length - there));
    return SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *base, const void *bytes, int length, sqlite3_int64 offset) {
    Handle *handle = (Handle *)base;
    if (!is_alive(handle)) return SQLITE_IOERR_WRITE;
    int is_behind;
    int code = disk_call(handle->disk, SIMULATED_WRITE, &is_behind);
    if (code != SQLITE_OK) return code;
    if (handle->disk->is_full && offset + length > handle->file->content.size) {
        handle->disk->failed++;
        return SQLITE_FULL;
    }
    if (!disk_write(handle->file, bytes, length, offset)) return SQLITE_IOERR_NOMEM;
    return is_behind ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size) {
    Handle *handle = (Handle *)base;
    if (!is_alive(handle)) return SQLITE_IOERR_TRUNCATE;
    int is_behind;
    int code = disk_call(handle->disk, SIMULATED_TRUNCATE, &is_behind);
    if (code != SQLITE_OK) return code;
    if (!disk_truncate(handle->file, size)) return SQLITE_IOERR_NOMEM;
    return is_behind ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int sync_file(sqlite3_file *base, int flags) {
    (void)flags;
    Handle *handle = (Handle *)base;
    if (!is_alive(handle)) return SQLITE_IOERR_FSYNC;
    int is_behind;
    int code = disk_call(handle->disk, SIMULATED_SYNC, &is_behind);
    if (code != SQLITE_OK) {
        // The system marks the pages as clean that it could not write: no later sync writes them.
        SimulatedLoss loss = {0};
        if (!handle->disk->is_dead) disk_lose_some(handle->disk, handle->file, &loss);
        return code;
    }
    if (!handle->disk->is_lying) disk_sync(handle->file);
    return is_behind ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int size_of_file(sqlite3_file *base, sqlite3_int64 *size) {
    Handle *handle = (Handle *)base;
    if (!is_alive(handle)) return SQLITE_IOERR_FSTAT;
    *size = handle->file->content.size;
    return SQLITE_OK;
}

static int lock_file(sqlite3_file *base, int level) {
    Handle *handle = (Handle *)base;
    if (!is_alive(handle)) return SQLITE_IOERR_LOCK;
    DiskFile *file = handle->file;
    if (level <= handle->level) return SQLITE_OK;
    if (level == SQLITE_LOCK_SHARED) {
        if (file->exclusive) return SQLITE_BUSY;
        file->sharing++;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (file->reserved) return SQLITE_BUSY;
        file->reserved = 1;
    } else {
        if (file->sharing > 1 || (file->reserved && handle->level < SQLITE_LOCK_RESERVED)) return SQLITE_BUSY;
        file->reserved = file->exclusive = 1;
    }
    handle->level = level;
    return SQLITE_OK;
}

static int unlock_file(sqlite3_file *base, int level) {
    Handle *handle = (Handle *)base;
    if (handle->generation != handle->disk->generation || level >= handle->level) return SQLITE_OK;
    DiskFile *file = handle->file;
    if (handle->level >= SQLITE_LOCK_RESERVED) file->reserved = file->exclusive = 0;
    if (level == SQLITE_LOCK_NONE) file->sharing--;
    handle->level = level;
    return SQLITE_OK;
}

static int is_reserved(sqlite3_file *base, int *result) {
    *result = ((Handle *)base)->file->reserved;
    return SQLITE_OK;
}

static int control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// MARK: The index of the log

static int map_index(sqlite3_file *base, int region, int size, int extends, void volatile **target) {
    Handle *handle = (Handle *)base;
    *target = NULL;
    if (!is_alive(handle)) return SQLITE_IOERR_SHMMAP;
    if (!handle->index) {
        if (!handle->file->index) {
            handle->file->index = calloc(1, sizeof(SharedIndex));
            if (!handle->file->index) return SQLITE_IOERR_NOMEM;
            handle->file->index->references = 1;
        }
        handle->index = handle->file->index;
        handle->index->references++;
    }
    SharedIndex *index = handle->index;
    if (region >= (int)(sizeof index->regions / sizeof *index->regions)) return SQLITE_IOERR_SHMSIZE;
    if (region >= index->count && !extends) return SQLITE_OK;
    for (; index->count <= region; index->count++) {
        index->regions[index->count] = calloc(1, (size_t)size);
        if (!index->regions[index->count]) return SQLITE_IOERR_NOMEM;
    }
    *target = index->regions[region];
    return SQLITE_OK;
}

static int lock_index(sqlite3_file *base, int first, int count, int flags) {
    Handle *handle = (Handle *)base;
    SharedIndex *index = handle->index;
    if (!index) return SQLITE_IOERR_SHMLOCK;
    int mask = ((1 << count) - 1) << first;
    if (flags & SQLITE_SHM_UNLOCK) {
        for (int slot = first; slot < first + count; slot++) {
            if (handle->exclusive & 1 << slot) index->exclusive[slot] = 0;
            if (handle->shared & 1 << slot) index->shared[slot]--;
        }
        handle->exclusive &= ~mask;
        handle->shared &= ~mask;
        return SQLITE_OK;
    }
    if (!is_alive(handle)) return SQLITE_IOERR_SHMLOCK;
    for (int slot = first; slot < first + count; slot++) {
        if (index->exclusive[slot] && !(handle->exclusive & 1 << slot)) return SQLITE_BUSY;
        int others = index->shared[slot] - (handle->shared >> slot & 1);
        if (flags & SQLITE_SHM_EXCLUSIVE && others > 0) return SQLITE_BUSY;
    }
    for (int slot = first; slot < first + count; slot++) {
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            index->exclusive[slot] = 1;
        } else if (!(handle->shared & 1 << slot)) {
            index->shared[slot]++;
        }
    }
    if (flags & SQLITE_SHM_EXCLUSIVE) handle->exclusive |= mask; else handle->shared |= mask;
    return SQLITE_OK;
}

static void barrier(sqlite3_file *base) { (void)base; }

static int unmap_index(sqlite3_file *base, int deletes) {
    (void)deletes;
    Handle *handle = (Handle *)base;
    if (!handle->index) return SQLITE_OK;
    lock_index(base, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
    index_release(handle->index);
    handle->index = NULL;
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = close_file, .xRead = read_file, .xWrite = write_file, .xTruncate = truncate_file,
    .xSync = sync_file, .xFileSize = size_of_file, .xLock = lock_file, .xUnlock = unlock_file,
    .xCheckReservedLock = is_reserved, .xFileControl = control, .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics, .xShmMap = map_index, .xShmLock = lock_index, .xShmBarrier = barrier,
    .xShmUnmap = unmap_index,
};

static int close_file(sqlite3_file *base) {
    Handle *handle = (Handle *)base;
    unmap_index(base, 0);
    unlock_file(base, SQLITE_LOCK_NONE);
    if (handle->deletes && is_alive(handle)) handle->file->exists = 0;
    return SQLITE_OK;
}

// MARK: The layer

static int open_file(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *base, int flags, int *given) {
    (void)vfs;
    int generation;
    const char *name;
    SimulatedDisk *disk = disk_of_path(path, &generation, &name);
    if (!disk) return original->xOpen(original, path, base, flags, given);
    base->pMethods = NULL;
    if (generation != disk->generation || disk->is_dead) return SQLITE_CANTOPEN;
    DiskFile *file = disk_file(disk, name, (flags & SQLITE_OPEN_CREATE) != 0);
    if (!file || (!file->exists && !(flags & SQLITE_OPEN_CREATE))) return SQLITE_CANTOPEN;
    if (!file->exists) {
        if (disk->is_full) return SQLITE_CANTOPEN;
        file->exists = 1;
        disk_truncate(file, 0);
    }
    Handle *handle = (Handle *)base;
    memset(handle, 0, sizeof *handle);
    handle->base.pMethods = &methods;
    handle->disk = disk;
    handle->file = file;
    handle->generation = generation;
    handle->deletes = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    if (given) *given = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs) {
    (void)vfs;
    int generation;
    const char *name;
    SimulatedDisk *disk = disk_of_path(path, &generation, &name);
    if (!disk) return original->xDelete(original, path, syncs);
    if (generation != disk->generation || disk->is_dead) return SQLITE_IOERR_DELETE;
    DiskFile *file = disk_file(disk, name, 0);
    if (!file || !file->exists) return SQLITE_IOERR_DELETE_NOENT;
    disk_truncate(file, 0);
    file->exists = 0;
    if (syncs) disk_sync(file);
    return SQLITE_OK;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)vfs;
    int generation;
    const char *name;
    SimulatedDisk *disk = disk_of_path(path, &generation, &name);
    if (!disk) return original->xAccess(original, path, flags, result);
    DiskFile *file = disk_file(disk, name, 0);
    *result = file && file->exists && (flags != SQLITE_ACCESS_EXISTS || file->content.size > 0);
    return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int size, char *target) {
    (void)vfs;
    int generation;
    const char *name;
    if (!disk_of_path(path, &generation, &name)) return original->xFullPathname(original, path, size, target);
    if ((int)strlen(path) >= size) return SQLITE_CANTOPEN;
    strcpy(target, path);
    return SQLITE_OK;
}

static sqlite3_vfs layer;

void layer_register(void) {
    if (original) return;
    // SQLite counts what it allocates, under one lock for all of the worlds' threads. Refused, without harm, where it has begun.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    original = sqlite3_vfs_find(NULL);
    layer = *original;
    layer.zName = "andon-simulated-disk";
    layer.pNext = NULL;
    if (layer.szOsFile < (int)sizeof(Handle)) layer.szOsFile = (int)sizeof(Handle);
    layer.xOpen = open_file;
    layer.xDelete = delete_file;
    layer.xAccess = access_file;
    layer.xFullPathname = full_path;
    sqlite3_vfs_register(&layer, 1);
}
