/* The reader's events become files and fields; what goes wrong in an event is kept in the problem, which then stops the reader. */
#include "http/upload_form.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "http/multipart.h"

enum { FIELD_MAX_BYTES = 64 << 10, PIECE_BYTES = 65536 };

struct form_reader {
    struct exchange *x;
    struct upload_form *form;
    struct problem *problem;
    struct upload_file *file; /* the part under way, or NULL */
    struct span *field;       /* the field under way, or NULL: passed over */
    bool is_replace;
    struct buf value;
    bool failed;
};

static bool fail(struct form_reader *r, enum problem_kind kind, const char *slug, const char *detail)
{
    r->failed = true;
    return problem_set(r->problem, kind, slug, "%s", detail);
}

static bool begin_file(struct form_reader *r, const struct multipart_part *part)
{
    struct upload_form *form = r->form;
    if (form->count == UPLOAD_FILES_MAX)
        return fail(r, PROBLEM_TOO_LARGE, "too-many-files", "An upload may carry at most 32 files; send the others in another one.");
    struct span name = arena_copy(exchange_arena(r->x), part->filename[0] ? span_of(part->filename) : SPAN("file"));
    int fd = name.p ? file_spool(call_app(r->x)->config->spool_dir) : -1;
    if (fd < 0)
        return errno == ENOSPC ? fail(r, PROBLEM_STORAGE, "", "The server's disk is full; tell its operator.")
                               : fail(r, PROBLEM_UNAVAILABLE, "", "The server has no room for this upload now; try again.");
    r->file = &form->file[form->count++];
    *r->file = (struct upload_file){name, fd, 0};
    return true;
}

static bool on_part(void *context, const struct multipart_part *part)
{
    struct form_reader *r = context;
    struct upload_form *form = r->form;
    const struct {
        const char *name;
        struct span *field;
    } fields[] = {{"external_id", &form->external_id}, {"metadata", &form->metadata}, {"collection", &form->collection}, {"language", &form->language}};
    r->file = NULL;
    r->field = NULL;
    r->is_replace = strcmp(part->name, "replace") == 0;
    buf_clear(&r->value);
    if (part->is_file)
        return begin_file(r, part);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(part->name, fields[i].name) == 0)
            r->field = fields[i].field;
    return true;
}

static bool on_data(void *context, struct span bytes)
{
    struct form_reader *r = context;
    if (r->file) {
        r->file->size += (int64_t)bytes.n;
        if (r->file->size > call_app(r->x)->config->file_max_bytes) {
            r->failed = true;
            return problem_set(r->problem, PROBLEM_TOO_LARGE, "content-too-large", "A file may have at most %lld bytes; split it.",
                               (long long)call_app(r->x)->config->file_max_bytes);
        }
        return file_write(r->file->fd, bytes) ? true : fail(r, PROBLEM_STORAGE, "", "The server's disk is full; tell its operator.");
    }
    if (r->field || r->is_replace)
        buf_span(&r->value, bytes);
    return r->value.failed ? fail(r, PROBLEM_TOO_LARGE, "content-too-large", "A field of the upload has more than 64 KiB; shorten it.") : true;
}

static bool on_part_end(void *context)
{
    struct form_reader *r = context;
    struct span value = buf_view(&r->value);
    if (r->is_replace)
        r->form->replace = span_eq_nocase(value, SPAN("true")) || span_eq(value, SPAN("1"));
    if (!r->field || value.n == 0)
        return true;
    *r->field = arena_copy(exchange_arena(r->x), value);
    return r->field->p ? true : fail(r, PROBLEM_TOO_LARGE, "content-too-large", "The fields of the upload are too long; shorten them.");
}

static bool feed_body(struct exchange *x, struct multipart *m, enum multipart_status *status)
{
    char piece[PIECE_BYTES];
    int64_t at = 0, n;
    *status = MULTIPART_MORE;
    while (*status == MULTIPART_MORE && (n = exchange_body_read(x, at, piece, sizeof piece)) > 0) {
        *status = multipart_feed(m, (struct span){piece, (size_t)n});
        at += n;
    }
    return *status != MULTIPART_MORE || at == exchange_body_size(x);
}

/* Numbers, lists and the like would be lost silently, so metadata must be an object. */
static bool check_metadata(struct form_reader *r)
{
    char why[160];
    if (!r->form->metadata.p)
        return true;
    json_t *value = json_read(r->form->metadata, why, sizeof why);
    bool ok = json_is_object(value);
    json_decref(value);
    return ok ? true : problem_field(r->problem, "metadata", "metadata must be a JSON object.");
}

static bool check_form(struct form_reader *r, enum multipart_status status, const char *error)
{
    if (r->failed)
        return false;
    if (status == MULTIPART_BAD)
        return problem_set(r->problem, PROBLEM_BAD_REQUEST, "bad-multipart", "%s", error);
    if (status != MULTIPART_DONE)
        return problem_set(r->problem, PROBLEM_BAD_REQUEST, "bad-multipart", "The multipart body ends before its closing boundary; send it whole.");
    if (r->form->count == 0)
        return problem_field(r->problem, "file", "Field required");
    if (r->form->count > 1 && r->form->external_id.p)
        return problem_field(r->problem, "external_id", "external_id names one document; send one file with it.");
    return check_metadata(r);
}

bool upload_form_read(struct exchange *x, struct upload_form *form, struct problem *problem)
{
    static const struct multipart_events events = {on_part, on_data, on_part_end};
    struct form_reader r = {.x = x, .form = form, .problem = problem};
    struct span type = {NULL, 0};
    memset(form, 0, sizeof *form);
    struct multipart *m = exchange_header(x, "Content-Type", &type) ? multipart_new(type, &events, &r) : NULL;
    if (!m)
        return problem_set(problem, PROBLEM_UNSUPPORTED, "unsupported-format",
                           "Send the file as multipart/form-data with a boundary, such as curl -F file=@name does.");
    buf_init(&r.value, FIELD_MAX_BYTES);
    enum multipart_status status;
    bool ok = feed_body(x, m, &status) ? check_form(&r, status, multipart_error(m))
                                       : problem_set(problem, PROBLEM_INTERNAL, "", "The upload could not be read back; try again.");
    buf_free(&r.value);
    multipart_free(m);
    return ok;
}

void upload_form_close(struct upload_form *form)
{
    for (size_t i = 0; i < form->count; i++)
        close(form->file[i].fd);
    form->count = 0;
}
