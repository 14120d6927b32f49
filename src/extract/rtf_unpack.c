/* LZFu: runs of eight literals or references, each told by a bit, into a ring of 4,096 bytes that begins with what most RTF begins with. */
#include "extract/rtf_unpack.h"

#include <string.h>

#include "extract/binary.h"

enum { HEAD_SIZE = 16, RING_SIZE = 4096, SHORTEST = 2, COMPRESSED = 0x75465A4C, PLAIN = 0x414C454D };

/* [MS-OXRTFCP] 2.1.2.1. */
static const char beginning[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArial"
    "Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct ring {
    char bytes[RING_SIZE];
    size_t at; /* where the next byte goes */
};

static void put(struct ring *r, struct buf *rtf, char c)
{
    r->bytes[r->at] = c;
    r->at = (r->at + 1) % RING_SIZE;
    buf_char(rtf, c);
}

/* Two bytes: twelve bits of a place in the ring, four of a length. False at the one that points where the next byte goes: the end. */
static bool put_reference(struct ring *r, struct buf *rtf, unsigned reference)
{
    size_t from = reference >> 4, length = (reference & 15) + SHORTEST;
    if (from == r->at)
        return false;
    for (size_t i = 0; i < length; i++)
        put(r, rtf, r->bytes[(from + i) % RING_SIZE]);
    return true;
}

static void unpack(struct span in, struct buf *rtf)
{
    struct ring r = {.at = sizeof beginning - 1};
    memcpy(r.bytes, beginning, sizeof beginning - 1);
    for (size_t at = 0; at < in.n;) {
        unsigned bits = le8(in, at++);
        for (int i = 0; i < 8 && at < in.n; i++, bits >>= 1) {
            if (!(bits & 1)) {
                put(&r, rtf, in.p[at++]);
                continue;
            }
            if (in.n - at < 2 || !put_reference(&r, rtf, le8(in, at) << 8 | le8(in, at + 1)))
                return;
            at += 2;
        }
    }
}

bool rtf_unpack(struct span packed, struct buf *rtf)
{
    uint32_t kind = le32(packed, 8);
    if (packed.n < HEAD_SIZE || (kind != COMPRESSED && kind != PLAIN))
        return false;
    if (kind == PLAIN)
        buf_span(rtf, span_skip(packed, HEAD_SIZE));
    else
        unpack(span_skip(packed, HEAD_SIZE), rtf);
    return !rtf->failed;
}
