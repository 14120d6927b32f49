/* HTML character references, for readers that meet them outside a whole HTML parser. */
#ifndef EXTRACT_ENTITY_H
#define EXTRACT_ENTITY_H

#include "base/buf.h"

/* Appends what "&name;", "&#123;" or "&#x7b;" stands for; an unknown one is appended as it is. */
void entity_put(struct buf *to, struct span reference);

#endif
