/* What goes wrong below a process: preloaded into the real server (LD_PRELOAD) by the fault tests.
 *
 * ANDON_FAULTS_CONTROL names a file of 64 bytes that the test writes into while the server runs; ANDON_FAULTS_FOLDER is the
 * data folder, whose files the faults of writing are about. Each fault that was done is counted, so that a test knows that
 * it happened. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct control {
    _Atomic int32_t sync_failures;   /* so many syncs of the database's files fail with EIO */
    _Atomic int32_t sync_delay;      /* each sync takes so many milliseconds more */
    _Atomic int64_t clock_offset;    /* the wall clock is so many seconds ahead */
    _Atomic int32_t write_error;     /* writing into the folder fails with this errno: EROFS, EIO, ENOSPC */
    _Atomic int32_t done;            /* faults that were done */
    _Atomic int32_t file_failures;   /* so many syncs of other files of the folder fail with EIO */
};

static struct control none;
static struct control *control = &none;
static const char *folder = "";

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("ANDON_FAULTS_CONTROL");
    if (getenv("ANDON_FAULTS_FOLDER")) folder = getenv("ANDON_FAULTS_FOLDER");
    if (!path) return;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *place = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (place != MAP_FAILED) control = place;
    close(file);
}

#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static int is_ours(const char *path) { return *folder && !strncmp(path, folder, strlen(folder)); }

/* The path of an open file; empty where it has none. */
static void name(int file, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, size - 1);
    path[length > 0 ? length : 0] = 0;
}

static int takes_one(_Atomic int32_t *count) {
    int32_t left = *count;
    while (left > 0 && !atomic_compare_exchange_weak(count, &left, left - 1)) {}
    return left > 0;
}

static int fails_to_sync(int file) {
    int32_t delay = control->sync_delay;
    if (delay > 0) {
        struct timespec pause = { delay / 1000, (long)(delay % 1000) * 1000000 };
        nanosleep(&pause, NULL);
        control->done++;
    }
    if (!control->sync_failures && !control->file_failures) return 0;
    char path[4096];
    name(file, path, sizeof path);
    if (!is_ours(path)) return 0;
    if (!takes_one(strstr(path, ".sqlite") ? &control->sync_failures : &control->file_failures)) return 0;
    control->done++;
    errno = EIO;
    return 1;
}

int fsync(int file) { REAL(fsync); return fails_to_sync(file) ? -1 : real(file); }
int fdatasync(int file) { REAL(fdatasync); return fails_to_sync(file) ? -1 : real(file); }

static int fails_to_write(int file) {
    int32_t error = control->write_error;
    if (!error) return 0;
    char path[4096];
    name(file, path, sizeof path);
    if (!is_ours(path)) return 0;
    control->done++;
    errno = error;
    return 1;
}

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write);
    return fails_to_write(file) ? -1 : real(file, bytes, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
    REAL(pwrite);
    return fails_to_write(file) ? -1 : real(file, bytes, count, place);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t place) {
    REAL(pwrite64);
    return fails_to_write(file) ? -1 : real(file, bytes, count, place);
}
int ftruncate64(int file, off64_t size) {
    REAL(ftruncate64);
    return fails_to_write(file) ? -1 : real(file, size);
}

static int fails_to_open(const char *path, int flags) {
    int32_t error = control->write_error;
    if (!error || !(flags & (O_WRONLY | O_RDWR | O_CREAT)) || !is_ours(path)) return 0;
    control->done++;
    errno = error;
    return 1;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = va_arg(rest, mode_t); \
        va_end(rest); \
        return fails_to_open(path, flags) ? -1 : real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int result = real(clock, now);
    if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += control->clock_offset;
    return result;
}
int gettimeofday(struct timeval *now, void *zone) {
    REAL(gettimeofday);
    int result = real(now, zone);
    if (!result) now->tv_sec += control->clock_offset;
    return result;
}
time_t time(time_t *place) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place) *place = now.tv_sec;
    return now.tv_sec;
}
