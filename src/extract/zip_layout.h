/* How the members of a ZIP archive lie in the file. In a sound one each has bytes of its own; archives built to unpack to far more than they hold let
 * many members share the same ones. */
#ifndef EXTRACT_ZIP_LAYOUT_H
#define EXTRACT_ZIP_LAYOUT_H

#include "base/span.h"

enum { ZIP_MEMBERS_MAX = 4096 };

/* The names of the members, in the order of the archive's list. */
struct zip_names {
    struct span headers; /* of those to come */
};
/* False when the list cannot be found: in the first bytes of a longer file, or a damaged one. */
bool zip_names_begin(struct span file, struct zip_names *names);
bool zip_names_next(struct zip_names *names, struct span *name);

/* True when bytes of the file belong to two members, or to a member and the list of members. What cannot be read as an archive of at most
 * ZIP_MEMBERS_MAX members does not overlap: its reader will say what is wrong. Pure; takes 64 KiB of stack. */
bool zip_overlaps(struct span file);

#endif
