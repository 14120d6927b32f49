/* Metadata of documents in a form that is compared without parsing: members sorted by name, values as canonical JSON. Equal values have equal text. */
#ifndef APP_METADATA_H
#define APP_METADATA_H

#include "base/json.h"
#include "base/span.h"

/* The members of an object, packed; p == NULL when there are none (or it is no object). Caller: free(packed->p). False when there is no memory. */
bool metadata_pack(const json_t *object, struct span *packed);
/* The same from its text; what is no JSON has no members. */
bool metadata_pack_text(struct span json, struct span *packed);
/* Whether the bytes are such as metadata_pack makes: whole members. */
bool metadata_is_packed(struct span packed);
/* Whether each member of `wanted` is among those of `packed`, with an equal value. */
bool metadata_holds(struct span packed, struct span wanted);

#endif
