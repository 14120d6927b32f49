/* Office Open XML packages (ECMA-376 part 2): a ZIP of XML parts, read in memory through libzip and libxml2's reader, with bounds.
 *
 * Bounds: at most 4,096 members, each with bytes of its own; 256 MiB inflated in all and 200 times the size of the file once past 1 MiB, counted on
 * what comes out and never on what headers declare (packages in an archive of documents count together with it); elements nested at most 250 deep, with at most 1,000 attributes each; no DOCTYPE; nothing is
 * loaded from elsewhere. */
#ifndef EXTRACT_OOXML_H
#define EXTRACT_OOXML_H

#include <libxml/xmlreader.h>
#include <zip.h>

#include "base/arena.h"
#include "extract/format.h"

void *ooxml_prepare(void);
void ooxml_release(void *library);

struct package {
    zip_t *zip;
    struct sink *out;
    struct unpacking *spent; /* own, or that of the archive around it */
    struct unpacking own;
};

enum { INFLATE_CHUNK = 64 * 1024 };

/* Opens the document as a package; false after sink_refuse. package_close ends it. */
bool package_open(struct package *p, const struct source *in, struct sink *out);
void package_close(struct package *p);

/* Counts n bytes that were inflated; false after sink_refuse when they are too many. */
bool package_spend(struct package *p, int64_t n);
/* Appends what a member inflates to; *whole is false when it is damaged on the way. False after sink_refuse. */
bool package_inflate(struct package *p, zip_file_t *file, struct buf *to, bool *whole);
/* Whether the bounds on what is unpacked hold; false after sink_refuse. */
bool unpacking_is_sound(const struct unpacking *u, struct sink *out);

enum { PART_NAME_SIZE = 256 };

/* The member's index, or -1. Case is ignored, and a member may be named with backslashes, as some writers do. */
zip_int64_t package_find(struct package *p, const char *name);

/* One XML part being read, node by node. */
struct part {
    struct package *package;
    zip_file_t *file;
    xmlTextReaderPtr reader;
    bool in_tag; /* the bytes that came out so far end inside <...> */
    char quote;  /* and there inside a value in these quotes, else 0 */
    int values;  /* quoted values of that tag */
};

/* Opens the named part; false when there is none (or the package is refused). part_close ends it. */
bool part_open(struct package *p, const char *name, struct part *part);
void part_close(struct part *part);
/* The same without a reader of XML: part_bytes inflates the next bytes to `to`; how many, 0 at the end, -1 when damaged or after sink_refuse. All
 * inflating is counted here. */
bool part_open_bytes(struct package *p, const char *name, struct part *part);
ptrdiff_t part_bytes(struct part *part, char *to, size_t size);
/* The next node: 1, 0 at the end, -1 after sink_refuse. */
int part_next(struct part *part);
/* Passes over everything inside the current element; false after sink_refuse. */
bool part_skip(struct part *part);
/* What the current node is. Prefixes are ignored. */
bool part_starts(const struct part *part);
bool part_ends(const struct part *part);
bool part_is(const struct part *part, const char *local_name);
struct span part_text(const struct part *part);
/* The value of an attribute of the current element, by its local name; false (and an empty string) when absent or too long. */
bool part_attribute(const struct part *part, const char *local_name, char *value, size_t size);
/* The attribute as an integer within [min, max], else `otherwise`. */
int64_t part_number(const struct part *part, const char *local_name, int64_t min, int64_t max, int64_t otherwise);
/* As part_attribute, for an attribute that names a relationship ("r:id" beside a plain "id"). */
bool part_relation(const struct part *part, const char *local_name, char *value, size_t size);

/* One relationship of a part to another part of the package. */
struct relation {
    const char *id, *type;
    const char *target; /* name of the part */
    struct relation *next;
};
/* All relationships of `from`, in order, in the arena; *first is NULL when it has none. False after sink_refuse. */
bool relations_read(struct package *p, const char *from, struct arena *arena, struct relation **first);
/* The target under this id, whose type must end with `type`; NULL when there is none. */
const char *relation_target(const struct relation *first, const char *id, const char *type);
/* The target of the first relationship whose type ends with `type`, or NULL. */
const char *relation_of_type(const struct relation *first, const char *type);

/* The name of the part that `from` ("" for the package itself) relates to by a relationship whose type ends with `type`; false when none. */
bool package_related(struct package *p, const char *from, const char *type, char name[PART_NAME_SIZE]);

#endif
