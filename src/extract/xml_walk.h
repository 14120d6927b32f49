/* The ways an XML document is turned into blocks, chosen in xml.c. Each writes the element and all in it; false after sink_refuse. */
#ifndef EXTRACT_XML_WALK_H
#define EXTRACT_XML_WALK_H

#include "extract/xml_tree.h"

struct xml_walk {
    struct xml_tree tree;
    struct sink *out;
    struct buf path; /* "order.customer": where in the document, without its root */
    struct buf line; /* the block under construction */
    struct buf cell;
};

/* Data: "path: value" paragraphs, and tables of repeated records. */
bool xml_put_records(struct xml_walk *w, const struct xml_node *root);
/* Documents for readers (DocBook, TEI, DITA and the like): headings, paragraphs, lists, tables, code. */
bool xml_put_prose(struct xml_walk *w, const struct xml_node *root);
/* News feeds (RSS, Atom): an item's title as heading, its date, author and the like, then its text without markup. */
bool xml_put_feed(struct xml_walk *w, const struct xml_node *root);

/* The line as a block of this kind; empties it. */
bool xml_put_line(struct xml_walk *w, enum block_kind kind, int32_t level);

#endif
