/* Packages of Office Open XML: members, parts and relationships. */
#include "extract/ooxml.h"

#include <stdio.h>
#include <string.h>

#include "extract/zip_layout.h"

enum { DEPTH_MAX = 250, RATIO_MAX = 200, ATTRIBUTES_MAX = 1000 };
static const int64_t inflated_max = (int64_t)256 << 20, ratio_free = (int64_t)1 << 20;

void *ooxml_prepare(void)
{
    static char ready[] = "libxml2";
    xmlInitParser();
    return ready;
}

void ooxml_release(void *library)
{
    (void)library;
    xmlCleanupParser();
}

bool package_open(struct package *p, const struct source *in, struct sink *out)
{
    zip_error_t error;
    zip_error_init(&error);
    *p = (struct package){.out = out, .own.packed = (int64_t)in->bytes.n};
    p->spent = in->unpacking ? in->unpacking : &p->own;
    zip_source_t *bytes = zip_source_buffer_create(in->bytes.p, in->bytes.n, 0, &error);
    if (bytes)
        p->zip = zip_open_from_source(bytes, ZIP_RDONLY, &error);
    if (!p->zip) {
        zip_source_free(bytes);
        zip_error_fini(&error);
        return sink_refuse(out, EXTRACT_DAMAGED, "The file is a damaged ZIP package.");
    }
    zip_error_fini(&error);
    bool many = zip_get_num_entries(p->zip, 0) > ZIP_MEMBERS_MAX;
    if (!many && !zip_overlaps(in->bytes))
        return true;
    package_close(p);
    return many ? sink_refuse(out, EXTRACT_TOO_COMPLEX, "The package holds too many files.")
                : sink_refuse(out, EXTRACT_DAMAGED, "Members of the ZIP package overlap, which no sound one does.");
}

void package_close(struct package *p)
{
    if (p->zip)
        zip_discard(p->zip);
    p->zip = NULL;
}

bool unpacking_is_sound(const struct unpacking *u, struct sink *out)
{
    if (u->unpacked > inflated_max)
        return sink_refuse(out, EXTRACT_TOO_LARGE, "The package is too large when unpacked.");
    if (u->unpacked > ratio_free && u->unpacked / RATIO_MAX > u->packed)
        return sink_refuse(out, EXTRACT_TOO_COMPLEX, "The package unpacks to far more than its size.");
    return true;
}

bool package_spend(struct package *p, int64_t n)
{
    p->spent->unpacked += n;
    return unpacking_is_sound(p->spent, p->out);
}

bool package_inflate(struct package *p, zip_file_t *file, struct buf *to, bool *whole)
{
    zip_int64_t n = 1;
    while (n > 0) {
        char *room = buf_reserve(to, INFLATE_CHUNK);
        if (!room)
            return sink_no_memory(p->out);
        n = zip_fread(file, room, INFLATE_CHUNK);
        to->n += n > 0 ? (size_t)n : 0;
        if (n > 0 && !package_spend(p, n))
            return false;
    }
    *whole = n == 0;
    return true;
}

/* libxml2 compares each attribute with all others of its tag before it hands the element out. So they are counted in the bytes, by their quotes;
 * a comment that holds as many is refused too. */
static bool count_attributes(struct part *part, struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];
        if (part->quote) {
            part->quote = c == part->quote ? '\0' : part->quote;
        } else if (c == '<') {
            part->in_tag = true;
            part->values = 0;
        } else if (c == '>') {
            part->in_tag = false;
        } else if (part->in_tag && (c == '"' || c == '\'')) {
            part->quote = c;
            if (++part->values > ATTRIBUTES_MAX)
                return false;
        }
    }
    return true;
}

ptrdiff_t part_bytes(struct part *part, char *to, size_t size)
{
    struct package *p = part->package;
    zip_int64_t n = zip_fread(part->file, to, (zip_uint64_t)size);
    return n < 0 || !package_spend(p, n) ? -1 : (ptrdiff_t)n;
}

/* libxml2 asks for more bytes. */
static int inflate_some(void *context, char *to, int size)
{
    struct part *part = context;
    ptrdiff_t n = part_bytes(part, to, (size_t)size);
    if (n > 0 && !count_attributes(part, (struct span){to, (size_t)n})) {
        sink_refuse(part->package->out, EXTRACT_TOO_COMPLEX, "An element of the XML inside the document has too many attributes.");
        return -1;
    }
    return (int)n;
}

static int keep_open(void *context)
{
    (void)context;
    return 0;
}

zip_int64_t package_find(struct package *p, const char *name)
{
    char other[PART_NAME_SIZE];
    zip_int64_t index = zip_name_locate(p->zip, name, ZIP_FL_NOCASE);
    if (index >= 0 || !span_to_cstr(span_of(name), other, sizeof other))
        return index;
    for (char *c = other; *c; c++)
        if (*c == '/')
            *c = '\\';
    return zip_name_locate(p->zip, other, ZIP_FL_NOCASE);
}

bool part_open_bytes(struct package *p, const char *name, struct part *part)
{
    *part = (struct part){.package = p};
    if (p->out->error != EXTRACT_OK)
        return false;
    zip_int64_t index = package_find(p, name);
    if (index < 0)
        return false;
    part->file = zip_fopen_index(p->zip, (zip_uint64_t)index, 0);
    if (part->file)
        return true;
    bool encrypted = zip_error_code_zip(zip_get_error(p->zip)) == ZIP_ER_NOPASSWD;
    return sink_refuse(p->out, encrypted ? EXTRACT_ENCRYPTED : EXTRACT_DAMAGED,
                       encrypted ? "The document is protected by a password." : "A part of the package cannot be unpacked.");
}

bool part_open(struct package *p, const char *name, struct part *part)
{
    if (!part_open_bytes(p, name, part))
        return false;
    part->reader = xmlReaderForIO(inflate_some, keep_open, part, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (part->reader)
        return true;
    part_close(part);
    return sink_no_memory(p->out);
}

void part_close(struct part *part)
{
    if (part->reader)
        xmlFreeTextReader(part->reader);
    if (part->file)
        zip_fclose(part->file);
    *part = (struct part){0};
}

int part_next(struct part *part)
{
    struct sink *out = part->package->out;
    int got = xmlTextReaderRead(part->reader);
    if (out->error != EXTRACT_OK)
        return -1;
    if (got == 0)
        return 0;
    if (got < 0) {
        sink_refuse(out, EXTRACT_DAMAGED, "The XML inside the document is damaged.");
        return -1;
    }
    if (xmlTextReaderNodeType(part->reader) == XML_READER_TYPE_DOCUMENT_TYPE) {
        sink_refuse(out, EXTRACT_DAMAGED, "The XML inside the document has a DOCTYPE, which office documents must not have.");
        return -1;
    }
    if (xmlTextReaderDepth(part->reader) > DEPTH_MAX) {
        sink_refuse(out, EXTRACT_TOO_COMPLEX, "The XML inside the document is nested too deeply.");
        return -1;
    }
    return 1;
}

bool part_starts(const struct part *part)
{
    return xmlTextReaderNodeType(part->reader) == XML_READER_TYPE_ELEMENT;
}

bool part_ends(const struct part *part)
{
    int type = xmlTextReaderNodeType(part->reader);
    return type == XML_READER_TYPE_END_ELEMENT || (type == XML_READER_TYPE_ELEMENT && xmlTextReaderIsEmptyElement(part->reader) == 1);
}

bool part_is(const struct part *part, const char *local_name)
{
    const xmlChar *name = xmlTextReaderConstLocalName(part->reader);
    return name && strcmp((const char *)name, local_name) == 0;
}

bool part_skip(struct part *part)
{
    if (part_ends(part))
        return true;
    int depth = xmlTextReaderDepth(part->reader), got;
    while ((got = part_next(part)) == 1)
        if (xmlTextReaderDepth(part->reader) <= depth)
            return true;
    return got == 0;
}

struct span part_text(const struct part *part)
{
    int type = xmlTextReaderNodeType(part->reader);
    if (type != XML_READER_TYPE_TEXT && type != XML_READER_TYPE_CDATA && type != XML_READER_TYPE_SIGNIFICANT_WHITESPACE && type != XML_READER_TYPE_WHITESPACE)
        return (struct span){0};
    return span_of((const char *)xmlTextReaderConstValue(part->reader));
}

static bool names_relationship(const struct part *part)
{
    return span_ends_nocase(span_of((const char *)xmlTextReaderConstNamespaceUri(part->reader)), SPAN("/relationships"));
}

static bool find_attribute(const struct part *part, const char *local_name, bool relationship, char *value, size_t size)
{
    bool found = false;
    value[0] = '\0';
    for (int more = xmlTextReaderMoveToFirstAttribute(part->reader); more == 1 && !found; more = xmlTextReaderMoveToNextAttribute(part->reader)) {
        if (part_is(part, local_name) && (!relationship || names_relationship(part)))
            found = span_to_cstr(span_of((const char *)xmlTextReaderConstValue(part->reader)), value, size);
    }
    xmlTextReaderMoveToElement(part->reader);
    return found;
}

bool part_attribute(const struct part *part, const char *local_name, char *value, size_t size)
{
    return find_attribute(part, local_name, false, value, size);
}

bool part_relation(const struct part *part, const char *local_name, char *value, size_t size)
{
    return find_attribute(part, local_name, true, value, size);
}

int64_t part_number(const struct part *part, const char *local_name, int64_t min, int64_t max, int64_t otherwise)
{
    char text[32];
    int64_t number = otherwise;
    if (part_attribute(part, local_name, text, sizeof text))
        span_to_int(span_of(text), min, max, &number);
    return number;
}

/* "folder/name.xml" → "folder/_rels/name.xml.rels". */
static bool relations_name(const char *from, char name[PART_NAME_SIZE])
{
    const char *slash = strrchr(from, '/');
    int folder = slash ? (int)(slash - from) + 1 : 0;
    int n = snprintf(name, PART_NAME_SIZE, "%.*s_rels/%s.rels", folder, from, from + folder);
    return n > 0 && n < PART_NAME_SIZE;
}

/* A target is absolute within the package or relative to the folder of `from`; "../" climbs. */
static bool resolve_target(const char *from, const char *target, char name[PART_NAME_SIZE])
{
    if (target[0] == '/')
        return span_to_cstr(span_of(target + 1), name, PART_NAME_SIZE);
    const char *slash = strrchr(from, '/');
    int folder = slash ? (int)(slash - from) + 1 : 0;
    while (strncmp(target, "../", 3) == 0 && folder > 0) {
        target += 3;
        for (folder--; folder > 0 && from[folder - 1] != '/'; folder--)
            continue;
    }
    int n = snprintf(name, PART_NAME_SIZE, "%.*s%s", folder, from, target);
    return n > 0 && n < PART_NAME_SIZE;
}

bool package_related(struct package *p, const char *from, const char *type, char name[PART_NAME_SIZE])
{
    char relations[PART_NAME_SIZE], kind[PART_NAME_SIZE], target[PART_NAME_SIZE];
    struct part part;
    bool found = false;
    if (!relations_name(from, relations) || !part_open(p, relations, &part))
        return false;
    while (!found && part_next(&part) == 1) {
        if (!part_starts(&part) || !part_is(&part, "Relationship") || !part_attribute(&part, "Type", kind, sizeof kind))
            continue;
        if (span_ends_nocase(span_of(kind), span_of(type)) && part_attribute(&part, "Target", target, sizeof target))
            found = resolve_target(from, target, name);
    }
    part_close(&part);
    return found;
}

/* Makes the current Relationship element the next one of the list; false only when there is no memory. One outside the package is left out. */
static bool take_relation(struct part *part, const char *from, struct arena *arena, struct relation ***last)
{
    char id[PART_NAME_SIZE], type[PART_NAME_SIZE], target[PART_NAME_SIZE], name[PART_NAME_SIZE], mode[16];
    bool outside = part_attribute(part, "TargetMode", mode, sizeof mode) && strcmp(mode, "External") == 0;
    if (outside || !part_attribute(part, "Id", id, sizeof id) || !part_attribute(part, "Type", type, sizeof type) ||
        !part_attribute(part, "Target", target, sizeof target) || !resolve_target(from, target, name))
        return true;
    struct relation *r = arena_alloc(arena, sizeof *r);
    if (!r)
        return false;
    *r = (struct relation){.id = arena_cstr(arena, span_of(id)), .type = arena_cstr(arena, span_of(type)), .target = arena_cstr(arena, span_of(name))};
    **last = r;
    *last = &r->next;
    return r->id && r->type && r->target;
}

bool relations_read(struct package *p, const char *from, struct arena *arena, struct relation **first)
{
    char relations[PART_NAME_SIZE];
    struct part part;
    struct relation **last = first;
    bool ok = true;
    *first = NULL;
    if (!relations_name(from, relations) || !part_open(p, relations, &part))
        return p->out->error == EXTRACT_OK;
    while (ok && part_next(&part) == 1)
        if (part_starts(&part) && part_is(&part, "Relationship"))
            ok = take_relation(&part, from, arena, &last);
    part_close(&part);
    if (!ok)
        return sink_no_memory(p->out);
    return p->out->error == EXTRACT_OK;
}

const char *relation_target(const struct relation *first, const char *id, const char *type)
{
    for (const struct relation *r = first; r; r = r->next)
        if (strcmp(r->id, id) == 0 && span_ends_nocase(span_of(r->type), span_of(type)))
            return r->target;
    return NULL;
}

const char *relation_of_type(const struct relation *first, const char *type)
{
    for (const struct relation *r = first; r; r = r->next)
        if (span_ends_nocase(span_of(r->type), span_of(type)))
            return r->target;
    return NULL;
}
