/* What drawings in Office documents say: the description of a picture, the text of a diagram, what a reference points at. */
#ifndef EXTRACT_OOXML_PICTURE_H
#define EXTRACT_OOXML_PICTURE_H

#include "extract/ooxml.h"

/* Appends the description (attribute "descr" of the current element) where a person has written one: no file name, and not what Office describes by
 * itself, which it remarks behind a line break. */
void ooxml_picture_put(const struct part *part, struct buf *to);
/* The target of the relationship that this attribute of the current element names, or NULL. */
const char *ooxml_linked(const struct part *part, const struct relation *relations, const char *attribute, const char *type);
/* Writes the text of a diagram (SmartArt), a list item a point. A missing part is nothing. False after sink_refuse. */
bool ooxml_diagram_read(struct package *p, const char *part_name, int32_t page);

#endif
