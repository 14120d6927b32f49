/* What indexes.c and index_saver.c share. Nobody else includes it. */
#ifndef APP_INDEXES_INTERNAL_H
#define APP_INDEXES_INTERNAL_H

#include "app/index_entry.h"

struct index_saver;

struct indexes {
    struct db *db;
    size_t memory_max;
    struct encoders *encoders;
    struct snapshots *snapshots; /* NULL: none are kept */
    struct index_saver *saver;   /* beside them */
    pthread_mutex_t mutex;
    struct map *entries; /* tenant id → struct index_entry */
    uint64_t clock;      /* counts uses */
    size_t bytes;        /* of the indexes and the passages kept with them */
    uint64_t evicted, renewed, saved, loads[INDEX_FROM];
    struct pool *renewals;
    atomic_bool stopping;
};

/* kept_bytes: of the passages that are kept with it now; NULL: as before. */
void indexes_unpin(struct indexes *x, struct index_entry *entry, const size_t *kept_bytes);
/* For a pinned entry, by a thread that holds no lock. */
bool indexes_bring_up_to_date(struct indexes *x, struct index_entry *entry, const struct tenant *tenant, struct problem *problem);

/* Takes an entry over that has left the map, to write its snapshot and free it; false, and it stays the caller's, when it is not worth one, has one, or too
 * many wait. */
bool index_saver_take(struct index_saver *s, struct index_entry *entry);
/* Writes what is missing, for some seconds at most, and ends the thread. NULL is fine. */
void index_saver_free(struct index_saver *s);

#endif
