// Counts what each SQL statement of a program costs in steps of SQLite's virtual machine: a figure that other work on the
// machine does not change. A statement whose steps grow with the store is one that scans.
//
//   cc -O2 -shared -fPIC -o statements.so statements.c -lsqlite3 -ldl -lpthread
//   STATEMENTS=FILE LD_PRELOAD=./statements.so andon serve …
//
// Whenever FILE.mark is there, the statements since the last mark are written to FILE, and FILE.mark is removed. A line is:
// times, steps, rows that were scanned without an index, microseconds, and the statement.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACES = 4096 };
static struct {
    char *sql;
    long long times, steps, scanned, nanoseconds;
} found[PLACES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int ended(unsigned kind, void *context, void *statement, void *elapsed) {
    const char *sql = sqlite3_sql(statement);
    if (!sql) return 0;
    long long steps = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    long long scanned = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
    unsigned place = 5381;
    for (const char *letter = sql; *letter; letter++) place = place * 33 + (unsigned char)*letter;
    pthread_mutex_lock(&lock);
    for (int tries = 0; tries < PLACES; tries++, place++) {
        place %= PLACES;
        if (!found[place].sql) found[place].sql = strdup(sql);
        if (strcmp(found[place].sql, sql)) continue;
        found[place].times++;
        found[place].steps += steps;
        found[place].scanned += scanned;
        found[place].nanoseconds += *(sqlite3_int64 *)elapsed;
        break;
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

static void write_down(const char *path) {
    char part[4096];
    snprintf(part, sizeof part, "%s.part", path);
    FILE *file = fopen(part, "w");
    if (!file) return;
    pthread_mutex_lock(&lock);
    for (int place = 0; place < PLACES; place++) {
        if (!found[place].times) continue;
        fprintf(file, "%lld\t%lld\t%lld\t%lld\t", found[place].times, found[place].steps, found[place].scanned,
                found[place].nanoseconds / 1000);
        for (const char *letter = found[place].sql; *letter; letter++) fputc(*letter == '\n' || *letter == '\t' ? ' ' : *letter, file);
        fputc('\n', file);
        found[place].times = found[place].steps = found[place].scanned = found[place].nanoseconds = 0;
    }
    pthread_mutex_unlock(&lock);
    fclose(file);
    rename(part, path);
}

static void *watch(void *path) {
    char mark[4096];
    snprintf(mark, sizeof mark, "%s.mark", (const char *)path);
    for (;; usleep(20000)) {
        if (access(mark, F_OK)) continue;
        write_down(path);
        unlink(mark);
    }
    return NULL;
}

int sqlite3_open_v2(const char *name, sqlite3 **db, int flags, const char *vfs) {
    static int (*original)(const char *, sqlite3 **, int, const char *);
    static pthread_t watcher;
    pthread_mutex_lock(&lock);
    if (!original) {
        original = dlsym(RTLD_NEXT, "sqlite3_open_v2");
        if (getenv("STATEMENTS")) pthread_create(&watcher, NULL, watch, getenv("STATEMENTS"));
    }
    pthread_mutex_unlock(&lock);
    int code = original(name, db, flags, vfs);
    if (code == SQLITE_OK) sqlite3_trace_v2(*db, SQLITE_TRACE_PROFILE, ended, NULL);
    return code;
}
