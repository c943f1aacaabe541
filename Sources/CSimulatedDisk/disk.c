#include "disk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, SECTOR = 512 };

static SimulatedDisk *slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t disk_random(SimulatedDisk *disk) {
    uint64_t word = disk->random += 0x9E3779B97F4A7C15u;
    word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9u;
    word = (word ^ word >> 27) * 0x94D049BB133111EBu;
    return word ^ word >> 31;
}

// MARK: Bytes

static int reserve(Content *content, int64_t size) {
    if (size <= content->room) return 1;
    int64_t room = content->room ? content->room : 4096;
    while (room < size) room *= 2;
    uint8_t *bytes = realloc(content->bytes, (size_t)room);
    if (!bytes) return 0;
    memset(bytes + content->room, 0, (size_t)(room - content->room));
    content->bytes = bytes;
    content->room = room;
    return 1;
}

static int put(Content *content, const void *bytes, int64_t length, int64_t offset) {
    if (!reserve(content, offset + length)) return 0;
    memcpy(content->bytes + offset, bytes, (size_t)length);
    if (content->size < offset + length) content->size = offset + length;
    return 1;
}

static void cut(Content *content, int64_t size) {
    if (size >= content->size) return;
    memset(content->bytes + size, 0, (size_t)(content->size - size));
    content->size = size;
}

static void copy(Content *target, const Content *source) {
    cut(target, 0);
    if (source->size) put(target, source->bytes, source->size, 0);
}

static void forget(DiskFile *file) {
    for (Change *change = file->first; change;) {
        Change *next = change->next;
        free(change->bytes);
        free(change);
        change = next;
    }
    file->first = NULL;
    file->last = &file->first;
}

static int note(DiskFile *file, const void *bytes, int64_t length, int64_t offset) {
    Change *change = calloc(1, sizeof *change);
    if (!change) return 0;
    change->offset = offset;
    change->length = length;
    if (bytes) {
        change->bytes = malloc((size_t)(length ? length : 1));
        if (!change->bytes) {
            free(change);
            return 0;
        }
        memcpy(change->bytes, bytes, (size_t)length);
    }
    *file->last = change;
    file->last = &change->next;
    return 1;
}

static void apply(DiskFile *file, const Change *change) {
    if (change->bytes) {
        put(&file->durable, change->bytes, change->length, change->offset);
    } else {
        cut(&file->durable, change->offset);
    }
}

int disk_write(DiskFile *file, const void *bytes, int64_t length, int64_t offset) {
    return note(file, bytes, length, offset) && put(&file->content, bytes, length, offset);
}

int disk_truncate(DiskFile *file, int64_t size) {
    if (!note(file, NULL, 0, size)) return 0;
    cut(&file->content, size);
    return 1;
}

void disk_sync(DiskFile *file) {
    for (Change *change = file->first; change; change = change->next) apply(file, change);
    forget(file);
    file->exists_durably = file->exists;
}

/// Each change that was not synced reached the platter, did not, or did in part: in any order, by sectors.
void disk_lose_some(SimulatedDisk *disk, DiskFile *file, SimulatedLoss *loss) {
    for (Change *change = file->first; change; change = change->next) {
        uint64_t chance = disk_random(disk) % 4;
        if (chance < 2) {
            apply(file, change);
            loss->kept++;
        } else if (chance == 2 || !change->bytes) {
            loss->dropped++;
        } else {
            for (int64_t at = 0; at < change->length; at += SECTOR) {
                int64_t length = change->length - at < SECTOR ? change->length - at : SECTOR;
                if (disk_random(disk) & 1) put(&file->durable, change->bytes + at, length, change->offset + at);
            }
            loss->torn++;
        }
    }
    forget(file);
}

void index_release(SharedIndex *index) {
    if (!index || --index->references > 0) return;
    for (int region = 0; region < index->count; region++) free(index->regions[region]);
    free(index);
}

// MARK: Disks

DiskFile *disk_file(SimulatedDisk *disk, const char *name, int makes) {
    for (DiskFile *file = disk->files; file; file = file->next)
        if (!strcmp(file->name, name)) return file;
    if (!makes || strlen(name) >= sizeof disk->files->name) return NULL;
    DiskFile *file = calloc(1, sizeof *file);
    if (!file) return NULL;
    strcpy(file->name, name);
    file->last = &file->first;
    file->next = disk->files;
    disk->files = file;
    return file;
}

SimulatedDisk *simulated_disk_make(const SimulatedDisk *original, uint64_t seed) {
    SimulatedDisk *disk = calloc(1, sizeof *disk);
    if (!disk) return NULL;
    disk->random = seed;
    disk->slot = -1;
    pthread_mutex_lock(&lock);
    layer_register();
    for (int slot = 0; slot < SLOTS && disk->slot < 0; slot++) {
        if (slots[slot]) continue;
        slots[slot] = disk;
        disk->slot = slot;
    }
    pthread_mutex_unlock(&lock);
    if (disk->slot < 0) {
        free(disk);
        return NULL;
    }
    for (const DiskFile *file = original ? original->files : NULL; file; file = file->next) {
        if (!file->exists) continue;
        DiskFile *twin = disk_file(disk, file->name, 1);
        if (!twin) continue;
        twin->exists = twin->exists_durably = 1;
        copy(&twin->content, &file->content);
        copy(&twin->durable, &file->content);
    }
    return disk;
}

void simulated_disk_free(SimulatedDisk *disk) {
    pthread_mutex_lock(&lock);
    slots[disk->slot] = NULL;
    pthread_mutex_unlock(&lock);
    for (DiskFile *file = disk->files; file;) {
        DiskFile *next = file->next;
        forget(file);
        free(file->content.bytes);
        free(file->durable.bytes);
        index_release(file->index);
        free(file);
        file = next;
    }
    free(disk);
}

SimulatedDisk *disk_of_path(const char *path, int *generation, const char **name) {
    size_t length = strlen(DISK_PREFIX);
    if (!path || strncmp(path, DISK_PREFIX, length)) return NULL;
    char *rest;
    long slot = strtol(path + length, &rest, 10);
    if (*rest != '/' || slot < 0 || slot >= SLOTS) return NULL;
    *generation = (int)strtol(rest + 1, &rest, 10);
    if (*rest != '/') return NULL;
    *name = rest + 1;
    pthread_mutex_lock(&lock);
    SimulatedDisk *disk = slots[slot];
    pthread_mutex_unlock(&lock);
    return disk;
}

const char *simulated_disk_path(SimulatedDisk *disk, const char *name) {
    snprintf(disk->path, sizeof disk->path, DISK_PREFIX "%d/%d/%s", disk->slot, disk->generation, name);
    return disk->path;
}

// MARK: What goes wrong

int disk_call(SimulatedDisk *disk, int kind, int *is_behind) {
    *is_behind = 0;
    disk->calls++;
    if (disk->dies_in > 0 && --disk->dies_in == 0) {
        disk->is_dead = 1;
        *is_behind = disk->dies_behind;
        return *is_behind ? SQLITE_OK : SQLITE_IOERR;
    }
    if (!(disk->fail_kinds & kind)) return SQLITE_OK;
    if (disk->fail_in > 1) {
        disk->fail_in--;
        return SQLITE_OK;
    }
    if (--disk->fail_times <= 0) disk->fail_kinds = 0;
    disk->failed++;
    return disk->fail_code;
}

void simulated_disk_die_at(SimulatedDisk *disk, int calls, int is_behind) {
    disk->dies_in = calls;
    disk->dies_behind = is_behind;
}

int simulated_disk_is_dead(const SimulatedDisk *disk) { return disk->is_dead; }

void simulated_disk_fail(SimulatedDisk *disk, int kinds, int calls, int times, int code) {
    disk->fail_kinds = kinds;
    disk->fail_in = calls;
    disk->fail_times = times;
    disk->fail_code = code;
}

void simulated_disk_set_full(SimulatedDisk *disk, int is_full) { disk->is_full = is_full; }

void simulated_disk_set_lying(SimulatedDisk *disk, int is_lying) { disk->is_lying = is_lying; }

int simulated_disk_failed(const SimulatedDisk *disk) { return disk->failed; }

int64_t simulated_disk_calls(const SimulatedDisk *disk) { return disk->calls; }

SimulatedLoss simulated_disk_restart(SimulatedDisk *disk, int is_power_cut) {
    SimulatedLoss loss = {0};
    disk->generation++;
    disk->is_dead = disk->dies_in = disk->fail_kinds = 0;
    for (DiskFile *file = disk->files; file; file = file->next) {
        index_release(file->index);
        file->index = NULL;
        file->sharing = file->reserved = file->exclusive = 0;
        if (!is_power_cut) continue;
        disk_lose_some(disk, file, &loss);
        copy(&file->content, &file->durable);
        if (file->exists == file->exists_durably) continue;
        // Its name was not synced: whether it is there is anybody's guess.
        int is_there = (int)(disk_random(disk) & 1);
        if (!is_there && file->exists) loss.files_gone++;
        file->exists = file->exists_durably = is_there;
        if (!is_there) {
            cut(&file->content, 0);
            cut(&file->durable, 0);
        }
    }
    return loss;
}

int simulated_disk_flip(SimulatedDisk *disk, const char *name, int64_t offset) {
    DiskFile *file = disk_file(disk, name, 0);
    if (!file || offset < 0 || offset >= file->content.size) return 0;
    file->content.bytes[offset] ^= 0x40;
    if (offset < file->durable.size) file->durable.bytes[offset] ^= 0x40;
    return 1;
}
