/* EPUB (OCF 3 and EPUB 3): a ZIP whose package document lists the chapters, each a page of XHTML, in reading order. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "extract/html.h"
#include "extract/ooxml.h"

enum { CHAPTERS_MAX = 4096, ID_SIZE = 160, CHAPTER_MAX = 1 << 28 };

struct epub {
    struct package package;
    struct sink *out;
    struct map *items; /* id of a manifest item → offset of its name in names */
    struct buf names;  /* NUL-terminated */
    struct buf chapter;
};

static bool put_chapter(struct epub *e, const char *name)
{
    zip_int64_t index = package_find(&e->package, name);
    if (index < 0)
        return true; /* a book with a page missing is still a book */
    zip_file_t *file = zip_fopen_index(e->package.zip, (zip_uint64_t)index, 0);
    if (!file)
        return sink_refuse(e->out, EXTRACT_ENCRYPTED, "The book is protected.");
    bool whole = false;
    buf_clear(&e->chapter);
    bool ok = package_inflate(&e->package, file, &e->chapter, &whole);
    zip_fclose(file);
    if (ok && !whole)
        return sink_refuse(e->out, EXTRACT_DAMAGED, "A part of the package cannot be unpacked.");
    return ok && html_put(buf_view(&e->chapter), 0, e->out);
}

/* The package document's name, out of META-INF/container.xml. */
static bool find_package_document(struct epub *e, char name[PART_NAME_SIZE])
{
    struct part part;
    bool found = false;
    if (!part_open(&e->package, "META-INF/container.xml", &part))
        return false;
    while (!found && part_next(&part) == 1)
        found = part_starts(&part) && part_is(&part, "rootfile") && part_attribute(&part, "full-path", name, PART_NAME_SIZE);
    part_close(&part);
    return found;
}

/* The name of a member out of a reference relative to the folder of the package document: %20 and the like undone, a fragment cut. */
static bool resolve(const char *document, const char *reference, char name[PART_NAME_SIZE])
{
    const char *slash = strrchr(document, '/');
    size_t n = slash ? (size_t)(slash - document) + 1 : 0;
    memcpy(name, document, n);
    for (; *reference && *reference != '#' && n < PART_NAME_SIZE - 1; reference++) {
        unsigned byte;
        if (*reference == '%' && sscanf(reference + 1, "%2x", &byte) == 1 && byte) {
            name[n++] = (char)byte;
            reference += 2;
        } else {
            name[n++] = *reference;
        }
    }
    name[n] = '\0';
    return n > 0 && n < PART_NAME_SIZE - 1;
}

static bool take_item(struct epub *e, const struct part *part, const char *document)
{
    char id[ID_SIZE], reference[PART_NAME_SIZE], type[64], name[PART_NAME_SIZE];
    bool page = part_attribute(part, "media-type", type, sizeof type) && strstr(type, "html");
    if (!page || !part_attribute(part, "id", id, sizeof id) || !part_attribute(part, "href", reference, sizeof reference) ||
        !resolve(document, reference, name))
        return true;
    size_t at = e->names.n;
    buf_put(&e->names, name, strlen(name) + 1);
    return (!e->names.failed && map_put(e->items, span_of(id), at)) || sink_no_memory(e->out);
}

/* Appends the chapter's place in `names` to the order. */
static void take_reference(struct epub *e, const struct part *part, struct buf *order)
{
    char id[ID_SIZE];
    uint64_t at;
    if (order->n / sizeof at < CHAPTERS_MAX && part_attribute(part, "idref", id, sizeof id) && map_get(e->items, span_of(id), &at))
        buf_put(order, &at, sizeof at);
}

static bool read_order(struct epub *e, const char *document, struct buf *order)
{
    struct part part;
    bool ok = part_open(&e->package, document, &part);
    while (ok && part_next(&part) == 1) {
        if (!part_starts(&part))
            continue;
        if (part_is(&part, "item"))
            ok = take_item(e, &part, document);
        else if (part_is(&part, "itemref"))
            take_reference(e, &part, order);
    }
    part_close(&part);
    return ok && e->out->error == EXTRACT_OK && !order->failed;
}

static bool put_book(struct epub *e)
{
    char document[PART_NAME_SIZE];
    struct buf order;
    buf_init(&order, CHAPTERS_MAX * sizeof(uint64_t));
    bool ok = find_package_document(e, document) && read_order(e, document, &order);
    if (!ok)
        sink_refuse(e->out, EXTRACT_DAMAGED, "The book does not say what its chapters are.");
    for (size_t i = 0; ok && i < order.n / sizeof(uint64_t); i++) {
        uint64_t at;
        memcpy(&at, order.p + i * sizeof at, sizeof at);
        ok = put_chapter(e, e->names.p + at);
    }
    buf_free(&order);
    return ok;
}

bool epub_read(const struct source *in, struct sink *out)
{
    struct epub e = {.out = out, .items = map_new()};
    if (!e.items)
        return sink_no_memory(out);
    bool ok = package_open(&e.package, in, out);
    if (ok) {
        buf_init(&e.names, 1 << 22);
        buf_init(&e.chapter, CHAPTER_MAX);
        ok = put_book(&e);
        buf_free(&e.chapter);
        buf_free(&e.names);
        package_close(&e.package);
    }
    map_free(e.items);
    return ok;
}
