/* XML through libxml2's reader into a compact tree. */
#include "extract/xml_tree.h"

#include <libxml/parserInternals.h>
#include <libxml/xmlreader.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "extract/charset.h"

enum { NODES_MAX = 8 * 1024 * 1024, TEXT_MAX = 192 * 1024 * 1024 };

/* External entities and DTDs are empty. */
static xmlParserInputPtr load_nothing(const char *url, const char *id, xmlParserCtxtPtr context)
{
    (void)url;
    (void)id;
    return xmlNewStringInputStream(context, (const xmlChar *)"");
}

/* The charsets are loaded for libxml2, which asks iconv for what it does not know itself. */
void *xml_prepare(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(load_nothing);
    return charset_prepare();
}

void xml_release(void *library)
{
    charset_release(library);
    xmlCleanupParser();
}

struct builder {
    struct xml_tree *tree;
    struct sink *out;
    xmlTextReaderPtr reader;
    struct map *names;
    uint32_t open[XML_DEPTH_MAX + 2]; /* [depth]: the element open there; 0 is the document */
    uint32_t last[XML_DEPTH_MAX + 2]; /* its last child so far */
};

static struct xml_node *node_at(const struct xml_tree *t, uint32_t index)
{
    return (struct xml_node *)(void *)t->nodes.p + index;
}

/* The offset of the name in the text, written there once. */
static bool intern(struct builder *b, const xmlChar *name, uint32_t *offset)
{
    uint64_t known;
    struct span s = span_of((const char *)name);
    if (map_get(b->names, s, &known)) {
        *offset = (uint32_t)known;
        return true;
    }
    *offset = (uint32_t)b->tree->text.n;
    buf_put(&b->tree->text, s.n ? s.p : "", s.n + 1);
    return map_put(b->names, s, *offset);
}

/* Appends a child of the element open at this depth; its index, or 0 when there is no room. */
static uint32_t add_node(struct builder *b, int depth, struct xml_node node)
{
    uint32_t index = (uint32_t)(b->tree->nodes.n / sizeof node);
    buf_put(&b->tree->nodes, &node, sizeof node);
    if (b->tree->nodes.failed)
        return 0;
    if (b->last[depth])
        node_at(b->tree, b->last[depth])->next = index;
    else
        node_at(b->tree, b->open[depth])->child = index;
    b->last[depth] = index;
    return index;
}

static void set_value(struct builder *b, struct xml_node *n, const xmlChar *value)
{
    struct span s = span_of((const char *)value);
    n->text = (uint32_t)b->tree->text.n;
    n->length = (uint32_t)s.n;
    buf_span(&b->tree->text, s);
}

/* Namespace declarations and attributes that steer programs (xml:space, xsi:schemaLocation) are no content. */
static bool is_technical(xmlTextReaderPtr reader)
{
    const xmlChar *prefix = xmlTextReaderConstPrefix(reader);
    return xmlTextReaderIsNamespaceDecl(reader) == 1 ||
           (prefix && (strcmp((const char *)prefix, "xml") == 0 || strcmp((const char *)prefix, "xsi") == 0 || strcmp((const char *)prefix, "xmlns") == 0));
}

static bool add_element(struct builder *b, int depth)
{
    struct xml_node node = {.kind = XML_IS_ELEMENT};
    if (!intern(b, xmlTextReaderConstLocalName(b->reader), &node.name))
        return false;
    b->open[depth + 1] = add_node(b, depth, node);
    b->last[depth + 1] = 0;
    if (!b->open[depth + 1])
        return false;
    bool ok = true;
    for (int more = xmlTextReaderMoveToFirstAttribute(b->reader); more == 1 && ok; more = xmlTextReaderMoveToNextAttribute(b->reader)) {
        struct xml_node attribute = {.kind = XML_IS_ATTRIBUTE};
        if (is_technical(b->reader))
            continue;
        ok = intern(b, xmlTextReaderConstLocalName(b->reader), &attribute.name);
        set_value(b, &attribute, xmlTextReaderConstValue(b->reader));
        ok = ok && add_node(b, depth + 1, attribute);
    }
    xmlTextReaderMoveToElement(b->reader);
    return ok;
}

/* Text that continues a text (behind a comment or entity) becomes one with it. */
static bool add_text(struct builder *b, int depth)
{
    struct xml_node *before = b->last[depth] ? node_at(b->tree, b->last[depth]) : NULL;
    struct span s = span_of((const char *)xmlTextReaderConstValue(b->reader));
    if (before && before->kind == XML_IS_TEXT && before->text + before->length == b->tree->text.n) {
        before->length += (uint32_t)s.n;
        buf_span(&b->tree->text, s);
        return true;
    }
    struct xml_node node = {.kind = XML_IS_TEXT};
    set_value(b, &node, xmlTextReaderConstValue(b->reader));
    return add_node(b, depth, node);
}

static bool take_node(struct builder *b)
{
    int depth = xmlTextReaderDepth(b->reader), type = xmlTextReaderNodeType(b->reader);
    bool ok = true;
    if (depth < 0 || depth > XML_DEPTH_MAX)
        return sink_refuse(b->out, EXTRACT_TOO_COMPLEX, "The XML is nested too deeply.");
    if (type == XML_READER_TYPE_ELEMENT)
        ok = add_element(b, depth);
    else if (depth > 0 && (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE))
        ok = add_text(b, depth);
    if (!ok || b->tree->text.failed || b->tree->nodes.failed)
        return sink_refuse(b->out, EXTRACT_TOO_LARGE, "The XML holds more than one document may hold.");
    return true;
}

static bool refuse_damaged(struct builder *b)
{
    char sentence[120];
    const xmlError *error = xmlGetLastError();
    const char *message = error && error->message ? error->message : "";
    if (error && (error->code == XML_ERR_ENTITY_LOOP || strstr(message, "amplification")))
        return sink_refuse(b->out, EXTRACT_TOO_COMPLEX, "The XML expands its entities to far more than its size.");
    if (error && error->code == XML_ERR_NO_MEMORY)
        return sink_no_memory(b->out);
    if (strstr(message, "depth"))
        return sink_refuse(b->out, EXTRACT_TOO_COMPLEX, "The XML is nested too deeply.");
    snprintf(sentence, sizeof sentence, "This is not valid XML, see line %d.", error && error->line > 0 ? error->line : 1);
    return sink_refuse(b->out, EXTRACT_DAMAGED, sentence);
}

static bool build(struct builder *b)
{
    int got;
    buf_put(&b->tree->nodes, &(struct xml_node){.kind = XML_IS_ELEMENT}, sizeof(struct xml_node));
    buf_char(&b->tree->text, '\0'); /* offset 0: the empty name */
    if (b->tree->nodes.failed || b->tree->text.failed)
        return sink_no_memory(b->out);
    while ((got = xmlTextReaderRead(b->reader)) == 1)
        if (!take_node(b))
            return false;
    return got == 0 ? true : refuse_damaged(b);
}

bool xml_tree_read(struct xml_tree *t, struct span bytes, struct sink *out)
{
    struct builder b = {.tree = t, .out = out};
    buf_init(&t->nodes, NODES_MAX * sizeof(struct xml_node));
    buf_init(&t->text, TEXT_MAX);
    if (bytes.n > INT_MAX)
        return sink_refuse(out, EXTRACT_TOO_LARGE, "The XML holds more than one document may hold.");
    if (bytes.n == 0)
        return sink_refuse(out, EXTRACT_DAMAGED, "The file is empty.");
    b.names = map_new();
    b.reader = xmlReaderForMemory(bytes.p, (int)bytes.n, NULL, NULL, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    bool ok = b.names && b.reader ? build(&b) : sink_no_memory(out);
    if (b.reader)
        xmlFreeTextReader(b.reader);
    map_free(b.names);
    return ok;
}

void xml_tree_free(struct xml_tree *t)
{
    buf_free(&t->nodes);
    buf_free(&t->text);
}

const struct xml_node *xml_at(const struct xml_tree *t, uint32_t index)
{
    return node_at(t, index);
}

const char *xml_name(const struct xml_tree *t, const struct xml_node *n)
{
    return t->text.p + n->name;
}

struct span xml_value(const struct xml_tree *t, const struct xml_node *n)
{
    return (struct span){t->text.p + n->text, n->length};
}

const struct xml_node *xml_child(const struct xml_tree *t, const struct xml_node *n)
{
    return n->child ? node_at(t, n->child) : NULL;
}

const struct xml_node *xml_next(const struct xml_tree *t, const struct xml_node *n)
{
    return n->next ? node_at(t, n->next) : NULL;
}

bool xml_is_leaf(const struct xml_tree *t, const struct xml_node *n)
{
    for (const struct xml_node *c = xml_child(t, n); c; c = xml_next(t, c))
        if (c->kind == XML_IS_ELEMENT)
            return false;
    return true;
}

bool xml_is_mixed(const struct xml_tree *t, const struct xml_node *n)
{
    bool elements = false, text = false;
    for (const struct xml_node *c = xml_child(t, n); c; c = xml_next(t, c)) {
        elements |= c->kind == XML_IS_ELEMENT;
        text |= c->kind == XML_IS_TEXT && span_trim(xml_value(t, c)).n > 0;
    }
    return elements && text;
}

const struct xml_node *xml_find(const struct xml_tree *t, const struct xml_node *n, const char *name)
{
    for (const struct xml_node *c = xml_child(t, n); c; c = xml_next(t, c))
        if (c->kind == XML_IS_ELEMENT && strcmp(xml_name(t, c), name) == 0)
            return c;
    return NULL;
}

void xml_put_text(const struct xml_tree *t, const struct xml_node *n, struct buf *to)
{
    if (n->kind == XML_IS_TEXT)
        buf_span(to, xml_value(t, n));
    for (const struct xml_node *c = n->kind == XML_IS_ELEMENT ? xml_child(t, n) : NULL; c; c = xml_next(t, c))
        if (c->kind != XML_IS_ATTRIBUTE)
            xml_put_text(t, c, to);
}
