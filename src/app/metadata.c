/* Packed metadata: for each member the lengths of name and value (4 bytes each), then both; ascending by name, so that one walk compares two. */
#include "app/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { PACKED_MAX = 1 << 20, REASON = 80 };

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int append(const char *bytes, size_t n, void *to)
{
    buf_put(to, bytes, n);
    return ((struct buf *)to)->failed ? -1 : 0;
}

static void put_value(struct buf *b, const json_t *value)
{
    /* 17 digits tell all doubles apart. */
    if (json_dump_callback(value, append, b, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) != 0)
        b->failed = true;
}

static void put_member(struct buf *b, const char *name, const json_t *value)
{
    uint32_t lengths[2] = {(uint32_t)strlen(name), 0};
    size_t at = b->n;
    buf_put(b, lengths, sizeof lengths);
    buf_str(b, name);
    size_t value_at = b->n;
    put_value(b, value);
    lengths[1] = (uint32_t)(b->n - value_at);
    if (!b->failed)
        memcpy(b->p + at, lengths, sizeof lengths);
}

static bool pack(const json_t *object, const char **names, struct span *packed)
{
    struct buf b;
    const char *name;
    json_t *value;
    size_t count = 0;
    buf_init(&b, PACKED_MAX);
    json_object_foreach((json_t *)object, name, value) names[count++] = name;
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++)
        put_member(&b, names[i], json_object_get(object, names[i]));
    if (b.failed) {
        buf_free(&b);
        return false;
    }
    *packed = buf_view(&b);
    return true;
}

bool metadata_pack(const json_t *object, struct span *packed)
{
    size_t count = json_object_size(object);
    *packed = (struct span){NULL, 0};
    if (!count)
        return true;
    const char **names = calloc(count, sizeof *names);
    bool ok = names && pack(object, names, packed);
    free(names);
    return ok;
}

bool metadata_pack_text(struct span json, struct span *packed)
{
    char why[REASON];
    json_t *object = json.n ? json_read(json, why, sizeof why) : NULL;
    bool ok = metadata_pack(object, packed);
    json_decref(object);
    return ok;
}

struct member {
    struct span name, value;
};

/* Takes the first member off; false at the end. */
static bool next_member(struct span *rest, struct member *m)
{
    uint32_t lengths[2];
    if (rest->n < sizeof lengths)
        return false;
    memcpy(lengths, rest->p, sizeof lengths);
    m->name = (struct span){rest->p + sizeof lengths, lengths[0]};
    m->value = (struct span){m->name.p + lengths[0], lengths[1]};
    *rest = span_skip(*rest, sizeof lengths + lengths[0] + lengths[1]);
    return true;
}

bool metadata_is_packed(struct span packed)
{
    while (packed.n) {
        uint32_t lengths[2];
        if (packed.n < sizeof lengths)
            return false;
        memcpy(lengths, packed.p, sizeof lengths);
        packed = span_skip(packed, sizeof lengths);
        if (lengths[0] > packed.n || lengths[1] > packed.n - lengths[0])
            return false;
        packed = span_skip(packed, (size_t)lengths[0] + lengths[1]);
    }
    return true;
}

bool metadata_holds(struct span packed, struct span wanted)
{
    struct member want, have;
    while (next_member(&wanted, &want)) {
        bool found = false;
        while (!found && next_member(&packed, &have))
            found = span_eq(have.name, want.name);
        if (!found || !span_eq(have.value, want.value))
            return false;
    }
    return true;
}
