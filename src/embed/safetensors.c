/* The header is parsed by jansson; every number of it is checked against the file before it becomes a pointer. */
#include "embed/safetensors.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 1 << 20 };

struct safetensors {
    json_t *tensors;
    struct span data;
};

struct safetensors *safetensors_new(struct span file, char *why, size_t why_size)
{
    uint64_t length = 0;
    if (file.n >= sizeof length)
        memcpy(&length, file.p, sizeof length);
    if (length == 0 || length > HEADER_MAX || length > file.n - sizeof length) {
        snprintf(why, why_size, "it has no safetensors header");
        return NULL;
    }
    struct span header = {file.p + sizeof length, length};
    struct safetensors *s = calloc(1, sizeof *s);
    json_t *tensors = s ? json_loadb(header.p, header.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!json_is_object(tensors)) {
        snprintf(why, why_size, "its header is no JSON object");
        json_decref(tensors);
        free(s);
        return NULL;
    }
    s->tensors = tensors;
    s->data = span_skip(file, sizeof length + length);
    return s;
}

void safetensors_free(struct safetensors *s)
{
    if (!s)
        return;
    json_decref(s->tensors);
    free(s);
}

/* Item i of an array of whole numbers; false when it is none or negative. */
static bool number_at(const json_t *array, size_t i, size_t *out)
{
    const json_t *item = json_array_get(array, i);
    if (!json_is_integer(item) || json_integer_value(item) < 0)
        return false;
    *out = (size_t)json_integer_value(item);
    return true;
}

static enum tensor_type type_of(const char *name)
{
    static const struct {
        const char *name;
        enum tensor_type type;
    } types[] = {{"F32", TENSOR_F32}, {"F16", TENSOR_F16}, {"BF16", TENSOR_BF16}};
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return TENSOR_FOREIGN;
}

struct tensor safetensors_find(const struct safetensors *s, const char *name)
{
    const json_t *entry = json_object_get(s->tensors, name), *shape = json_object_get(entry, "shape"), *place = json_object_get(entry, "data_offsets");
    struct tensor t = {.type = type_of(json_string_value(json_object_get(entry, "dtype"))), .rows = 1};
    const struct tensor none = {TENSOR_NONE, 0, 0, {NULL, 0}};
    size_t dimensions = json_array_size(shape), start, end, bytes;
    bool shaped = dimensions == 1 || (dimensions == 2 && number_at(shape, 0, &t.rows));
    if (!shaped || !number_at(shape, dimensions - 1, &t.columns) || !number_at(place, 0, &start) || !number_at(place, 1, &end))
        return none;
    if (t.type == TENSOR_FOREIGN)
        return t;
    if (start > end || end > s->data.n || __builtin_mul_overflow(t.rows, tensor_row_bytes(t.type, t.columns), &bytes) || bytes == 0 || end - start != bytes)
        return none;
    t.bytes = (struct span){s->data.p + start, bytes};
    return t;
}

struct span safetensors_prefix(const struct safetensors *s, struct span ending)
{
    struct span best = {NULL, 0};
    for (void *at = json_object_iter(s->tensors); at; at = json_object_iter_next(s->tensors, at)) {
        struct span name = span_of(json_object_iter_key(at));
        bool ends = name.n >= ending.n && memcmp(name.p + name.n - ending.n, ending.p, ending.n) == 0;
        if (ends && (!best.p || name.n - ending.n < best.n))
            best = (struct span){name.p, name.n - ending.n};
    }
    return best;
}
