/* The language between worker and parent: a stream of frames through one pipe, worker → parent only.
 *
 * A frame is a head of 12 bytes, then `length` bytes of text. Integers are little-endian.
 *   byte 0      type: 'T' the media type, 'B' a block, 'E' the document is refused, 'D' done
 *   byte 1      B: enum block_kind; E: enum extract_error
 *   bytes 2-3   B: level; D and E: number of pages that need character recognition
 *   bytes 4-7   B: page; D: number of pages, its text the notes, a line each
 *   bytes 8-11  length of the text: at most WIRE_TEXT_MAX
 * T comes at most once and first, E or D is the last frame. The parent believes nothing: wire_read checks every field and that the text is
 * UTF-8 without control characters, so that a worker that was taken over can only send odd text. */
#ifndef EXTRACT_WIRE_H
#define EXTRACT_WIRE_H

#include "base/buf.h"
#include "extract/format.h"

enum { WIRE_HEAD = 12, WIRE_TEXT_MAX = SINK_TEXT_MAX };

enum wire_type { WIRE_MEDIA_TYPE = 'T', WIRE_BLOCK = 'B', WIRE_ERROR = 'E', WIRE_DONE = 'D' };

struct wire_frame {
    enum wire_type type;
    enum extract_error error; /* WIRE_ERROR */
    struct block block;       /* kind, level, page and text as they apply; the text is borrowed from the bytes read */
};

/* Appends one frame. */
void wire_write(struct buf *out, const struct wire_frame *f);
/* Reads the first frame of `in`: the bytes used, 0 when more are needed, -1 when this is no frame a sound worker sends. */
ptrdiff_t wire_read(struct span in, struct wire_frame *f);

#endif
