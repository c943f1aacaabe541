#include "sqlite_settings.h"
