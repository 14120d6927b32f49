/* An XML document as a small tree: names, attributes and text; comments, instructions and the DOCTYPE are dropped.
 *
 * Bounds: 256 levels, 8 million nodes, 192 MiB of text, all after entities are expanded. Nothing is loaded from elsewhere. */
#ifndef EXTRACT_XML_TREE_H
#define EXTRACT_XML_TREE_H

#include "extract/format.h"

enum xml_kind { XML_IS_ELEMENT, XML_IS_ATTRIBUTE, XML_IS_TEXT };

enum { XML_DEPTH_MAX = 256 };

/* A node; 24 bytes, so that a document of many small elements fits. Positions are indexes into the tree, 0: none. */
struct xml_node {
    enum xml_kind kind;
    uint32_t name;         /* offset in the tree's text, NUL-terminated, without prefix */
    uint32_t next, child;  /* sibling; first child, attributes first */
    uint32_t text, length; /* of an attribute or text: offset and bytes */
};

struct xml_tree {
    struct buf nodes; /* struct xml_node each; the first is the document itself */
    struct buf text;
};

void *xml_prepare(void);
void xml_release(void *library);

/* Parses the document; false after sink_refuse. xml_tree_free ends the tree in either case. */
bool xml_tree_read(struct xml_tree *t, struct span bytes, struct sink *out);
void xml_tree_free(struct xml_tree *t);

/* The node at an index, its name and its value: borrowed until xml_tree_free. */
const struct xml_node *xml_at(const struct xml_tree *t, uint32_t index);
const char *xml_name(const struct xml_tree *t, const struct xml_node *n);
struct span xml_value(const struct xml_tree *t, const struct xml_node *n);
/* First child and next sibling; NULL at the end. */
const struct xml_node *xml_child(const struct xml_tree *t, const struct xml_node *n);
const struct xml_node *xml_next(const struct xml_tree *t, const struct xml_node *n);
/* An element without elements in it; with elements and text beside them; the child element of this name or NULL. */
bool xml_is_leaf(const struct xml_tree *t, const struct xml_node *n);
bool xml_is_mixed(const struct xml_tree *t, const struct xml_node *n);
const struct xml_node *xml_find(const struct xml_tree *t, const struct xml_node *n, const char *name);
/* Appends all text in the node, attributes left out. */
void xml_put_text(const struct xml_tree *t, const struct xml_node *n, struct buf *to);

#endif
