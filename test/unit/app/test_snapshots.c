/* Snapshot files: what is not exactly what it should be is not used; the folder keeps its bound; and an index that came from one shows what the rows say. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "answer_world.h"
#include "app/indexes.h"
#include "app/snapshots.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

enum { ARENA_BYTES = 16 << 20, PLENTY = 1 << 30, PATH_BYTES = 300, FILE_BYTES = 8 << 20, HEADER_BYTES = 224 };

static const unsigned char key[SNAPSHOT_KEY_BYTES] = "a key", other_key[SNAPSHOT_KEY_BYTES] = "another";

/* ---- a folder ---- */

struct place {
    char folder[PATH_BYTES / 2];
};

static void place_make(struct place *p)
{
    const char *dir = getenv("TMPDIR");
    snprintf(p->folder, sizeof p->folder, "%s/snapshots-XXXXXX", dir ? dir : P_tmpdir);
    assert_non_null(mkdtemp(p->folder));
}

static void path_of(const struct place *p, int64_t tenant_id, char out[PATH_BYTES])
{
    snprintf(out, PATH_BYTES, "%s/%016llx.index", p->folder, (unsigned long long)tenant_id);
}

static size_t files_in(const struct place *p)
{
    size_t n = 0;
    DIR *d = opendir(p->folder);
    for (struct dirent *e; d && (e = readdir(d));)
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static void place_remove(const struct place *p)
{
    DIR *d = opendir(p->folder);
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[PATH_BYTES + 256];
        snprintf(path, sizeof path, "%s/%s", p->folder, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(p->folder);
}

/* ---- parts of plain bytes ---- */

struct plain {
    size_t bytes; /* of each part: the letters a, b, c */
    long changes; /* the index becomes another at that many pauses; negative: never */
    bool forget;  /* at the first pause */
    size_t asked; /* parts that were handed over for reading */
    struct snapshots *s;
    int64_t tenant_id;
};

static bool put_letters(void *context, enum snapshot_part which, const struct index_sink *sink)
{
    const struct plain *p = context;
    for (size_t i = 0; i < p->bytes; i++) {
        char letter = (char)('a' + (int)which);
        if (!sink_put(sink, &letter, 1))
            return false;
    }
    return true;
}

static bool get_letters(void *context, enum snapshot_part which, struct index_source *source)
{
    struct plain *p = context;
    p->asked++;
    if (source->left != p->bytes)
        return false;
    for (size_t i = 0; i < p->bytes; i++) {
        char letter;
        if (!source_get(source, &letter, 1) || letter != (char)('a' + (int)which))
            return false;
    }
    char more;
    return !source_get(source, &more, 1);
}

static void pause_plain(void *context)
{
    struct plain *p = context;
    if (p->forget)
        snapshots_forget(p->s, p->tenant_id);
    p->forget = false;
}

static bool resume_plain(void *context)
{
    struct plain *p = context;
    return p->changes-- != 0;
}

static enum snapshot_end save_plain(struct snapshots *s, const struct snapshot_of *of, struct plain *p)
{
    p->s = s;
    p->tenant_id = of->tenant_id;
    snapshots_begin(s, of->tenant_id);
    return snapshots_save(s, of, &(struct snapshot_writing){put_letters, pause_plain, resume_plain, p});
}

static bool load_plain(struct snapshots *s, struct snapshot_of of, struct plain *p, int64_t *seq)
{
    bool read = snapshots_load(s, &of, &(struct snapshot_reading){get_letters, p});
    if (seq)
        *seq = of.seq;
    return read;
}

static const struct snapshot_of acme = {.tenant_id = 77, .epoch = 5, .seq = 12, .model = {"m", 1}};

static void what_was_written_comes_back(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct snapshots *s = snapshots_open(place.folder, PLENTY, key);
    const size_t sizes[] = {0, 1, 1000, 256 << 10, (256 << 10) + 1, 700000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct plain p = {.bytes = sizes[i], .changes = -1};
        int64_t seq = 0;
        char path[PATH_BYTES];
        struct stat st;
        assert_int_equal(save_plain(s, &acme, &p), SNAPSHOT_DONE);
        assert_true(load_plain(s, acme, &p, &seq));
        assert_int_equal(seq, 12);
        path_of(&place, 77, path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(st.st_size, HEADER_BYTES + 3 * sizes[i]);
        assert_int_equal(snapshots_bytes(s), st.st_size);
        assert_int_equal(files_in(&place), 1);
    }
    snapshots_close(s);
    place_remove(&place);
}

static void of_something_else_is_not_used(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct snapshots *s = snapshots_open(place.folder, PLENTY, key), *t = snapshots_open(place.folder, PLENTY, other_key);
    struct plain p = {.bytes = 100, .changes = -1};
    const struct snapshot_of others[] = {{77, 6, 12, {"m", 1}}, {77, 5, 12, {"", 0}}, {77, 5, 12, {"mm", 2}}, {77, 5, 12, {"n", 1}}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(save_plain(s, &acme, &p), SNAPSHOT_DONE);
        assert_false(load_plain(s, others[i], &p, NULL));
        assert_int_equal(files_in(&place), 0); /* it is of no use any more */
    }
    assert_int_equal(save_plain(s, &acme, &p), SNAPSHOT_DONE);
    assert_false(load_plain(t, acme, &p, NULL));
    /* Another company's, under this one's name. */
    char from[PATH_BYTES], to[PATH_BYTES];
    assert_int_equal(save_plain(s, &acme, &p), SNAPSHOT_DONE);
    path_of(&place, 77, from);
    path_of(&place, 78, to);
    assert_int_equal(rename(from, to), 0);
    struct snapshot_of second = acme;
    second.tenant_id = 78;
    assert_false(load_plain(s, second, &p, NULL));
    assert_int_equal(p.asked, 0);
    /* A link, a folder and a pipe are no files. */
    assert_int_equal(symlink("/etc/hostname", from), 0);
    assert_false(load_plain(s, acme, &p, NULL));
    assert_int_equal(mkfifo(to, 0600), 0);
    assert_false(load_plain(s, second, &p, NULL));
    snapshots_close(s);
    snapshots_close(t);
    place_remove(&place);
}

static void read_file(const char *path, struct buf *b)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    buf_clear(b);
    assert_true(file_read_all(fd, b));
    close(fd);
}

static void write_file(const char *path, struct span bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && file_write(fd, bytes));
    close(fd);
}

static void damage_is_told(void **state)
{
    (void)state;
    struct place place;
    char path[PATH_BYTES];
    struct buf b;
    buf_init(&b, FILE_BYTES);
    place_make(&place);
    path_of(&place, 77, path);
    struct snapshots *s = snapshots_open(place.folder, PLENTY, key);
    struct plain p = {.bytes = 50, .changes = -1};
    assert_int_equal(save_plain(s, &acme, &p), SNAPSHOT_DONE);
    read_file(path, &b);
    for (size_t i = 0; i < b.n; i++) { /* every byte counts */
        b.p[i] = (char)(b.p[i] ^ 4);
        write_file(path, buf_view(&b));
        assert_false(load_plain(s, acme, &p, NULL));
        b.p[i] = (char)(b.p[i] ^ 4);
    }
    for (size_t n = 0; n < b.n; n++) { /* cut off anywhere */
        write_file(path, (struct span){b.p, n});
        assert_false(load_plain(s, acme, &p, NULL));
    }
    size_t whole = b.n;
    buf_str(&b, "more");
    write_file(path, buf_view(&b));
    assert_false(load_plain(s, acme, &p, NULL));
    memset(b.p, 0, 64);
    write_file(path, (struct span){b.p, whole});
    assert_false(load_plain(s, acme, &p, NULL));
    assert_false(load_plain(s, acme, &p, NULL)); /* no file */
    buf_free(&b);
    snapshots_close(s);
    place_remove(&place);
}

static void what_changes_or_is_forgotten_meanwhile_is_not_written(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct snapshots *s = snapshots_open(place.folder, PLENTY, key);
    for (long pauses = 0; pauses < 3; pauses++)
        assert_int_equal(save_plain(s, &acme, &(struct plain){.bytes = 300000, .changes = pauses}), SNAPSHOT_CHANGED);
    assert_int_equal(save_plain(s, &acme, &(struct plain){.bytes = 300000, .changes = -1, .forget = true}), SNAPSHOT_CHANGED);
    assert_int_equal(files_in(&place), 0);
    /* Forgotten before writing begins, but after it was decided on. */
    snapshots_begin(s, 77);
    snapshots_forget(s, 77);
    struct plain p = {.bytes = 10, .changes = -1};
    assert_int_equal(snapshots_save(s, &acme, &(struct snapshot_writing){put_letters, pause_plain, resume_plain, &p}), SNAPSHOT_CHANGED);
    snapshots_begin(s, 77);
    snapshots_forget(s, 78);
    assert_int_equal(snapshots_save(s, &acme, &(struct snapshot_writing){put_letters, pause_plain, resume_plain, &p}), SNAPSHOT_DONE);
    snapshots_forget(s, 77);
    assert_int_equal(files_in(&place), 0);
    snapshots_close(s);
    place_remove(&place);
}

static void the_folder_keeps_its_bound(void **state)
{
    (void)state;
    struct place place;
    place_make(&place);
    struct snapshots *s = snapshots_open(place.folder, 100000, key);
    struct plain p = {.bytes = 10000, .changes = -1}, larger = {.bytes = 20000, .changes = -1}, huge = {.bytes = 40000, .changes = -1};
    struct snapshot_of of = acme;
    for (of.tenant_id = 1; of.tenant_id <= 3; of.tenant_id++) {
        assert_int_equal(save_plain(s, &of, &p), SNAPSHOT_DONE);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* file systems' clocks are coarse */
    }
    of.tenant_id = 1;
    assert_true(load_plain(s, of, &p, NULL)); /* used last */
    of.tenant_id = 4;
    assert_int_equal(save_plain(s, &of, &p), SNAPSHOT_DONE);
    assert_true(snapshots_bytes(s) <= 100000);
    of.tenant_id = 2; /* used longest ago */
    assert_false(load_plain(s, of, &p, NULL));
    of.tenant_id = 1;
    assert_true(load_plain(s, of, &p, NULL));
    of.tenant_id = 3;
    assert_int_equal(save_plain(s, &of, &huge), SNAPSHOT_FAILED); /* more than the bound: the old one stays, nothing goes for it */
    assert_int_equal(files_in(&place), 3);
    assert_int_equal(save_plain(s, &of, &larger), SNAPSHOT_DONE); /* in place of its own */
    assert_true(snapshots_bytes(s) <= 100000);
    snapshots_close(s);
    place_remove(&place);
}

static void a_folder_is_tidied_and_emptied(void **state)
{
    (void)state;
    struct place place;
    char path[PATH_BYTES];
    place_make(&place);
    struct snapshots *s = snapshots_open(place.folder, PLENTY, key);
    assert_int_equal(save_plain(s, &acme, &(struct plain){.bytes = 10, .changes = -1}), SNAPSHOT_DONE);
    snapshots_close(s);
    snprintf(path, sizeof path, "%s/000000000000004e.part", place.folder);
    write_file(path, SPAN("half"));
    s = snapshots_open(place.folder, PLENTY, key);
    assert_int_equal(files_in(&place), 1);
    snapshots_close(s);
    snprintf(path, sizeof path, "%s/notes.txt", place.folder);
    write_file(path, SPAN("not ours"));
    assert_null(snapshots_open(place.folder, 0, key));
    assert_int_equal(files_in(&place), 1); /* the notes */
    unlink(path);
    assert_null(snapshots_open(place.folder, 0, key));
    assert_int_equal(access(place.folder, F_OK), -1);
    assert_null(snapshots_open("/proc/nowhere/at-all", PLENTY, key));
}

/* ---- an index's life ---- */

/* The end of the server and a new start; what was missing is written. */
static void restart(struct world *w, const struct place *place, int64_t epoch)
{
    static struct snapshots *s;
    indexes_free(w->app.indexes);
    snapshots_close(w->app.snapshots);
    s = w->app.snapshots = snapshots_open(place->folder, PLENTY, key);
    w->app.indexes = indexes_new(w->db, w->config.index_memory_bytes, NULL);
    assert_true(s && w->app.indexes && indexes_keep_snapshots(w->app.indexes, s, epoch, 1));
}

static void end(struct world *w, const struct place *place)
{
    struct snapshots *s = w->app.snapshots;
    world_free(w);
    snapshots_close(s);
    place_remove(place);
}

static struct world *begin(struct place *place)
{
    struct world *w = world_new(PLENTY);
    place_make(place);
    restart(w, place, 0);
    return w;
}

static void assert_found(struct world *w, struct principal *p, const char *query, const char *names)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct retrieve_query q = {.text = span_of(query), .top_k = 5};
    assert_string_equal(world_search(w, p, &q, arena), names);
    arena_free(arena);
}

static void assert_loaded(struct world *w, uint64_t from_rows, uint64_t from_snapshots)
{
    assert_int_equal(indexes_loads(w->app.indexes, INDEX_FROM_ROWS), from_rows);
    assert_int_equal(indexes_loads(w->app.indexes, INDEX_FROM_SNAPSHOT), from_snapshots);
}

static struct world_id add(struct world *w, struct principal *p, const char *name, const char *text)
{
    return world_add(w, p, &(struct world_document){.name = name, .text = text, .metadata = "{\"team\": \"red\", \"n\": 3}"});
}

static void a_restart_goes_on_from_the_snapshot(void **state)
{
    (void)state;
    struct place place;
    struct world *w = begin(&place);
    struct principal p = world_tenant(w), q = world_tenant(w);
    add(w, &p, "a", "Parking permits are given out at the front desk.");
    add(w, &p, "b", "The canteen opens at noon.");
    add(w, &q, "c", "The canteen of the others opens at ten.");
    assert_found(w, &p, "canteen", "b");
    assert_found(w, &q, "canteen", "c");
    restart(w, &place, 0);
    assert_int_equal(files_in(&place), 2);
    assert_found(w, &p, "canteen", "b");
    assert_found(w, &q, "canteen", "c");
    assert_found(w, &p, "parking permit", "a");
    assert_loaded(w, 0, 2);
    add(w, &p, "d", "Bicycles may be left in the yard."); /* changes go on from there */
    assert_found(w, &p, "bicycle", "d");
    struct arena *arena = arena_new(ARENA_BYTES); /* metadata came along */
    json_t *red = json_pack("{s:s, s:i}", "team", "red", "n", 3), *blue = json_pack("{s:s}", "team", "blue");
    struct retrieve_query query = {.text = SPAN("canteen"), .top_k = 5, .metadata = red};
    assert_string_equal(world_search(w, &p, &query, arena), "b");
    query.metadata = blue;
    assert_string_equal(world_search(w, &p, &query, arena), "");
    json_decref(red);
    json_decref(blue);
    arena_free(arena);
    end(w, &place);
}

/* The snapshot of before is in place although documents were deleted, replaced and added since, as after a kill between the commit and the removal of the
 * file. */
static void what_changed_since_is_caught_up(void **state)
{
    (void)state;
    struct place place;
    struct world *w = begin(&place);
    struct principal p = world_tenant(w);
    char path[PATH_BYTES];
    struct buf file;
    buf_init(&file, FILE_BYTES);
    struct world_id a = add(w, &p, "a", "Parking permits are given out at the front desk."), b = add(w, &p, "b", "The canteen opens at noon.");
    add(w, &p, "c", "An anchor lies before the lighthouse.");
    assert_found(w, &p, "canteen", "b");
    restart(w, &place, 0);
    path_of(&place, p.tenant.id, path);
    read_file(path, &file);
    assert_found(w, &p, "canteen", "b");
    world_delete(w, &p, a);
    world_replace(w, &p, b, "The swimming pool is heated.");
    add(w, &p, "d", "Bicycles may be left in the yard.");
    indexes_free(w->app.indexes); /* nothing was missing, as far as it knew */
    w->app.indexes = NULL;
    write_file(path, buf_view(&file));
    w->app.indexes = indexes_new(w->db, PLENTY, NULL);
    restart(w, &place, 0); /* its thread looks through the files: this one holds what is deleted */
    for (int i = 0; i < 5000 && files_in(&place) != 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(files_in(&place), 0);
    write_file(path, buf_view(&file));
    assert_found(w, &p, "parking permit", "");
    assert_loaded(w, 0, 1);
    assert_int_equal(files_in(&place), 0); /* told by the rows, too */
    assert_found(w, &p, "canteen", "");
    assert_found(w, &p, "swimming pool", "b");
    assert_found(w, &p, "bicycle", "d");
    assert_found(w, &p, "anchor", "c");
    buf_free(&file);
    end(w, &place);
}

static void a_deletion_removes_the_file_and_the_next_holds_nothing_of_it(void **state)
{
    (void)state;
    struct place place;
    struct world *w = begin(&place);
    struct principal p = world_tenant(w);
    char path[PATH_BYTES];
    struct buf file;
    buf_init(&file, FILE_BYTES);
    struct world_id a = add(w, &p, "a", "The secret word is heliotrope.");
    add(w, &p, "b", "The canteen opens at noon. A marigold stands on the table.");
    assert_found(w, &p, "heliotrope", "a");
    restart(w, &place, 0);
    path_of(&place, p.tenant.id, path);
    read_file(path, &file);
    assert_true(span_find(buf_view(&file), SPAN("heliotrop")) >= 0 && span_find(buf_view(&file), SPAN("marigold")) >= 0);
    assert_found(w, &p, "marigold", "b");
    world_delete(w, &p, a);
    indexes_forget_snapshot(w->app.indexes, &p.tenant); /* as documents_delete does */
    assert_int_equal(files_in(&place), 0);
    restart(w, &place, 0); /* without a search in between */
    assert_int_equal(files_in(&place), 1);
    read_file(path, &file);
    assert_true(span_find(buf_view(&file), SPAN("heliotrop")) < 0 && span_find(buf_view(&file), SPAN("marigold")) >= 0);
    assert_found(w, &p, "heliotrope", "");
    assert_found(w, &p, "marigold", "b");
    assert_loaded(w, 0, 1);
    buf_free(&file);
    end(w, &place);
}

static void snapshots_of_another_database_are_not_used(void **state)
{
    (void)state;
    struct place place, aside;
    struct world *w = begin(&place);
    struct principal p = world_tenant(w);
    char path[PATH_BYTES];
    struct buf file;
    buf_init(&file, FILE_BYTES);
    struct world_id a = add(w, &p, "a", "Parking permits are given out at the front desk.");
    assert_found(w, &p, "parking permit", "a");
    restart(w, &place, 1); /* the database was restored: the thread tidies up */
    path_of(&place, p.tenant.id, path);
    for (int i = 0; i < 5000 && files_in(&place) != 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(files_in(&place), 0);
    p.tenant.index_epoch = 1;
    assert_found(w, &p, "parking permit", "a");
    assert_loaded(w, 1, 0);
    restart(w, &place, 1);
    read_file(path, &file);
    /* A file of the same epoch from a life of the rows that came to be otherwise: somebody put a copy of the data file in place by hand. */
    add(w, &p, "b", "The canteen opens at noon.");
    assert_found(w, &p, "canteen", "b");
    place_make(&aside);
    restart(w, &aside, 1);
    restart(w, &place, 1); /* the file holds a alone, and is of an older seq: that is fine */
    assert_found(w, &p, "canteen", "b");
    assert_loaded(w, 0, 1);
    world_replace(w, &p, a, "Nothing.");
    assert_found(w, &p, "parking permit", "");
    buf_free(&file);
    place_remove(&aside);
    end(w, &place);
}

static enum db_status forget_document(struct db_conn *c, void *context)
{
    static const struct db_statement statement = {"test.forget", "delete from document where document_id = $1"};
    struct db_stmt *s = db_prepare(c, &statement);
    db_bind_int(s, 1, *(int64_t *)context);
    return db_run(s, NULL);
}

static enum db_status other_content(struct db_conn *c, void *context)
{
    static const struct db_statement statement = {"test.other", "update document set updated_at = updated_at + 1 where document_id = $1"};
    struct db_stmt *s = db_prepare(c, &statement);
    db_bind_int(s, 1, *(int64_t *)context);
    return db_run(s, NULL);
}

/* The same id, version and seq, but written at another time: it is read from the rows. A document that has no row: nothing of the file is. */
static void each_document_is_held_against_its_row(void **state)
{
    (void)state;
    struct place place;
    struct world *w = begin(&place);
    struct principal p = world_tenant(w);
    struct world_id a = add(w, &p, "a", "Parking permits are given out at the front desk.");
    struct world_id b = add(w, &p, "b", "The canteen opens at noon.");
    assert_found(w, &p, "canteen", "b");
    restart(w, &place, 0);
    assert_int_equal(db_transact(w->db, other_content, &a.id), DB_OK);
    assert_found(w, &p, "parking permit", "a");
    assert_loaded(w, 0, 1);
    assert_int_equal(files_in(&place), 0);
    restart(w, &place, 0);
    assert_int_equal(files_in(&place), 1);
    assert_int_equal(db_transact(w->db, forget_document, &b.id), DB_OK);
    assert_found(w, &p, "canteen", "");
    assert_found(w, &p, "parking permit", "a");
    assert_int_equal(files_in(&place), 0);
    end(w, &place);
}

static void one_that_is_dropped_is_written_first(void **state)
{
    (void)state;
    struct place place;
    struct world *w = world_new(PLENTY);
    struct principal p[8];
    size_t entries, bytes;
    place_make(&place);
    for (int i = 0; i < 8; i++) {
        p[i] = world_tenant(w);
        add(w, &p[i], "a", "Umbrellas are lent at the gate.");
    }
    assert_found(w, &p[0], "umbrella", "a");
    indexes_held(w->app.indexes, &entries, &bytes);
    w->config.index_memory_bytes = bytes * 5;
    restart(w, &place, 0);
    for (int i = 0; i < 8; i++)
        assert_found(w, &p[i], "umbrella", "a");
    assert_true(indexes_evicted(w->app.indexes) > 0);
    for (int i = 0; i < 10000 && indexes_saved(w->app.indexes) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_true(indexes_saved(w->app.indexes) > 0 && files_in(&place) > 0);
    assert_found(w, &p[0], "umbrella", "a");
    assert_int_equal(indexes_loads(w->app.indexes, INDEX_FROM_SNAPSHOT), 1);
    end(w, &place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_comes_back),
        cmocka_unit_test(of_something_else_is_not_used),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(what_changes_or_is_forgotten_meanwhile_is_not_written),
        cmocka_unit_test(the_folder_keeps_its_bound),
        cmocka_unit_test(a_folder_is_tidied_and_emptied),
        cmocka_unit_test(a_restart_goes_on_from_the_snapshot),
        cmocka_unit_test(what_changed_since_is_caught_up),
        cmocka_unit_test(a_deletion_removes_the_file_and_the_next_holds_nothing_of_it),
        cmocka_unit_test(snapshots_of_another_database_are_not_used),
        cmocka_unit_test(each_document_is_held_against_its_row),
        cmocka_unit_test(one_that_is_dropped_is_written_first),
    };
    log_set_level(LOG_ERROR);
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
