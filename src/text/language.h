/* Which languages can be stemmed, and in which script they are written. Pure; detection itself is in words.h. */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include "text/segment.h"
#include "text/words.h"

/* The script of a language's words; SCRIPT_OTHER when it has no stemmer here. */
enum script language_script(struct language language);

#endif
