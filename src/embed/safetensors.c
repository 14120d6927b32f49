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
    if (length == 0 || length > HEADER_MAX || length > file.n - sizeof length || length % 4 != 0) {
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

static bool has_shape(const json_t *tensor, size_t rows, size_t columns)
{
    const json_t *shape = json_object_get(tensor, "shape");
    size_t is_rows, is_columns;
    if (json_array_size(shape) != (columns ? 2 : 1) || !number_at(shape, 0, &is_rows) || is_rows != rows)
        return false;
    return columns == 0 || (number_at(shape, 1, &is_columns) && is_columns == columns);
}

const float *safetensors_f32(const struct safetensors *s, const char *name, size_t rows, size_t columns)
{
    const json_t *tensor = json_object_get(s->tensors, name), *place = json_object_get(tensor, "data_offsets");
    const char *type = json_string_value(json_object_get(tensor, "dtype"));
    size_t start, end, bytes;
    if (!type || strcmp(type, "F32") != 0 || !has_shape(tensor, rows, columns) || !number_at(place, 0, &start) || !number_at(place, 1, &end))
        return NULL;
    if (__builtin_mul_overflow(rows, columns ? columns : 1, &bytes) || __builtin_mul_overflow(bytes, sizeof(float), &bytes))
        return NULL;
    if (start > end || end > s->data.n || end - start != bytes || (uintptr_t)(s->data.p + start) % _Alignof(float) != 0)
        return NULL;
    return (const float *)(const void *)(s->data.p + start);
}

size_t safetensors_rows(const struct safetensors *s, const char *name)
{
    const json_t *shape = json_object_get(json_object_get(s->tensors, name), "shape");
    size_t rows;
    return json_array_size(shape) == 2 && number_at(shape, 0, &rows) ? rows : 0;
}
