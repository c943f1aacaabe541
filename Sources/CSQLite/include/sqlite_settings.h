#ifndef ANDON_SQLITE_SETTINGS_H
#define ANDON_SQLITE_SETTINGS_H

#include <sqlite3.h>

/// Says whether the last connection to a file folds the log into it when it is closed (`SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE`).
/// Swift cannot call functions of any number of arguments.
static inline int sqlite_set_folds_on_close(sqlite3 *connection, int folds) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, folds ? 0 : 1, (int *)0);
}

#endif
