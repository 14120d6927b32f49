/* Descriptions of pictures and the points of diagrams. */
#include "extract/ooxml_picture.h"

#include <string.h>

enum { WORDS_MIN = 3, ENDING_MAX = 4, TEXT_MAX = 1 << 20 };

/* "scan.jpg", "C:\\pictures\\1.gif", "http://…": the last word is the name of a file or a place. */
static bool is_file_name(struct span s)
{
    size_t ending = 0;
    while (ending < s.n && ending <= ENDING_MAX && ((s.p[s.n - 1 - ending] | 32) >= 'a' && (s.p[s.n - 1 - ending] | 32) <= 'z'))
        ending++;
    bool ended = ending >= 2 && ending <= ENDING_MAX && ending < s.n && s.p[s.n - 1 - ending] == '.';
    return ended || span_find(s, SPAN("://")) >= 0 || span_find(s, SPAN(":\\")) >= 0;
}

static bool is_description(struct span s)
{
    size_t words = s.n > 0;
    if (memchr(s.p, '\n', s.n) || is_file_name(s))
        return false;
    for (size_t i = 0; i < s.n; i++)
        words += s.p[i] == ' ';
    return words >= WORDS_MIN;
}

void ooxml_picture_put(const struct part *part, struct buf *to)
{
    char text[2048];
    if (!part_attribute(part, "descr", text, sizeof text) || !is_description(span_of(text)))
        return;
    buf_str(to, to->n && to->p[to->n - 1] != ' ' ? " " : "");
    buf_str(to, text);
    buf_char(to, ' ');
}

const char *ooxml_linked(const struct part *part, const struct relation *relations, const char *attribute, const char *type)
{
    char id[PART_NAME_SIZE];
    return part_relation(part, attribute, id, sizeof id) ? relation_target(relations, id, type) : NULL;
}

static bool read_points(struct part *part, struct buf *text, int32_t page)
{
    struct sink *out = part->package->out;
    bool in_text = false, ok = true;
    while (ok && part_next(part) == 1) {
        if (part_is(part, "t"))
            in_text = part_starts(part) && !part_ends(part);
        else if (in_text)
            buf_span(text, part_text(part));
        if (!part_ends(part) || !part_is(part, "p"))
            continue;
        ok = text->failed ? sink_no_memory(out) : sink_put(out, BLOCK_LIST_ITEM, 1, page, buf_view(text));
        buf_clear(text);
    }
    return out->error == EXTRACT_OK;
}

bool ooxml_diagram_read(struct package *p, const char *part_name, int32_t page)
{
    struct part part;
    struct buf text;
    if (!part_name || !part_open(p, part_name, &part))
        return p->out->error == EXTRACT_OK;
    buf_init(&text, TEXT_MAX);
    bool ok = read_points(&part, &text, page);
    part_close(&part);
    buf_free(&text);
    return ok;
}
