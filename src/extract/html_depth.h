/* How deep a page nests its elements and how many attributes they have, found out before it is parsed. */
#ifndef EXTRACT_HTML_DEPTH_H
#define EXTRACT_HTML_DEPTH_H

#include "base/span.h"

enum { HTML_DEPTH_MAX = 2048, HTML_ATTRIBUTES_MAX = 1024 };

/* True when more than HTML_DEPTH_MAX elements are open at some place, or a tag has more than HTML_ATTRIBUTES_MAX attributes: the parser looks
 * through all of them at each further one, so that it would take hours for a large page. Elements that end by themselves (p, li, td, br, ...) and formatting (b, font, ...), which pages often
 * leave open, do not count. An estimate: a page that is built to deceive it runs into the bound on computing time. */
bool html_is_too_complex(struct span page);

#endif
