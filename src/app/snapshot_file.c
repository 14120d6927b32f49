/* The format of snapshot files.
 *
 *     header (224 bytes) | documents | words | vectors
 *
 * The header holds the size and the hash of each part and is under a hash itself. The hash is Poly1305 under a key that the server's secret and a number of
 * the file's own give: it costs a quarter of BLAKE2b, and no one who has not that secret can make a file that is taken for a snapshot. A file of another
 * machine's byte order, another version of this format or of the words, another tenant, epoch or model is not used, nor is one of another length than it says.
 *
 * Raise FORMAT whenever the bytes of a part change their meaning. */
#include "app/snapshot_file.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "app/ingest.h"
#include "base/file.h"
#include "base/sys.h"
#include "index/dense.h"

enum { FORMAT = 3, ORDER = 0x01020304, WINDOW_BYTES = 256 << 10, TAG_BYTES = 16, NONCE_BYTES = 24, HEADER_KEY = 255 };

struct header {
    char magic[8];
    uint32_t order, format;
    int64_t tenant_id, epoch, seq;
    uint32_t analysis, dimensions;
    char model[SNAPSHOT_MODEL_BYTES];
    unsigned char nonce[NONCE_BYTES];
    struct {
        uint64_t bytes;
        unsigned char tag[TAG_BYTES];
    } parts[SNAPSHOT_PARTS];
    unsigned char tag[TAG_BYTES]; /* of all before it */
};
_Static_assert(sizeof(struct header) == 224, "a header has no gaps");
_Static_assert((int)TAG_BYTES == (int)crypto_onetimeauth_BYTES && (int)SNAPSHOT_KEY_BYTES == (int)crypto_generichash_KEYBYTES, "sizes of libsodium");

static const char magic[8] = {'C', 'F', 'X', 'I', 'N', 'D', 'E', 'X'};

/* Begins a hash under a key that is used once: for part `which` of the file with this nonce. */
static void begin_tag(crypto_onetimeauth_state *state, const unsigned char key[SNAPSHOT_KEY_BYTES], const unsigned char nonce[NONCE_BYTES], unsigned char which)
{
    unsigned char name[NONCE_BYTES + 1], once[crypto_onetimeauth_KEYBYTES];
    memcpy(name, nonce, NONCE_BYTES);
    name[NONCE_BYTES] = which;
    crypto_generichash(once, sizeof once, name, sizeof name, key, SNAPSHOT_KEY_BYTES);
    crypto_onetimeauth_init(state, once);
    sodium_memzero(once, sizeof once);
}

static void tag_header(const struct header *h, const unsigned char key[SNAPSHOT_KEY_BYTES], unsigned char tag[TAG_BYTES])
{
    crypto_onetimeauth_state state;
    begin_tag(&state, key, h->nonce, HEADER_KEY);
    crypto_onetimeauth_update(&state, (const unsigned char *)h, offsetof(struct header, tag));
    crypto_onetimeauth_final(&state, tag);
}

/* ---- writing ---- */

struct writer {
    int fd;
    const struct snapshot_writing *w;
    crypto_onetimeauth_state hash;
    uint64_t bytes; /* of the part */
    char *window;   /* [WINDOW_BYTES] */
    size_t used;
    bool failed; /* to write */
};

/* The index is free to change while the disk is busy. */
static bool flush(struct writer *w)
{
    w->w->pause(w->w->context);
    crypto_onetimeauth_update(&w->hash, (const unsigned char *)w->window, w->used);
    w->failed = !file_write(w->fd, (struct span){w->window, w->used});
    int error = errno;
    w->bytes += w->used;
    w->used = 0;
    bool same = w->w->resume(w->w->context);
    errno = error;
    return same && !w->failed;
}

static bool put(void *context, const void *bytes, size_t n)
{
    struct writer *w = context;
    for (const char *p = bytes; n;) {
        size_t some = n < WINDOW_BYTES - w->used ? n : WINDOW_BYTES - w->used;
        memcpy(w->window + w->used, p, some);
        w->used += some;
        p += some;
        n -= some;
        if (w->used == WINDOW_BYTES && !flush(w))
            return false;
    }
    return true;
}

static bool write_part(struct writer *w, struct header *h, const unsigned char *key, enum snapshot_part which)
{
    struct index_sink sink = {put, w};
    begin_tag(&w->hash, key, h->nonce, (unsigned char)which);
    w->bytes = 0;
    if (!w->w->part(w->w->context, which, &sink) || !flush(w))
        return false;
    h->parts[which].bytes = w->bytes;
    crypto_onetimeauth_final(&w->hash, h->parts[which].tag);
    return true;
}

/* The header goes in last: until then the file begins with zeros. */
static bool write_all(struct writer *w, struct header *h, const unsigned char *key)
{
    static const struct header none;
    w->failed = !file_write(w->fd, (struct span){(const char *)&none, sizeof none});
    for (int i = 0; !w->failed && i < SNAPSHOT_PARTS; i++)
        if (!write_part(w, h, key, (enum snapshot_part)i))
            return false;
    tag_header(h, key, h->tag);
    w->failed = w->failed || lseek(w->fd, 0, SEEK_SET) != 0 || !file_write(w->fd, (struct span){(const char *)h, sizeof *h});
    return !w->failed;
}

enum snapshot_end snapshot_write(int fd, const unsigned char key[SNAPSHOT_KEY_BYTES], const struct snapshot_of *of, const struct snapshot_writing *w)
{
    struct header h = {.order = ORDER,
                       .format = FORMAT,
                       .tenant_id = of->tenant_id,
                       .epoch = of->epoch,
                       .seq = of->seq,
                       .analysis = ANALYSIS_VERSION,
                       .dimensions = DENSE_DIMENSIONS};
    struct writer writer = {.fd = fd, .w = w, .window = malloc(WINDOW_BYTES)};
    if (!writer.window || of->model.n > sizeof h.model) {
        free(writer.window);
        return SNAPSHOT_CHANGED;
    }
    memcpy(h.magic, magic, sizeof magic);
    if (of->model.n)
        memcpy(h.model, of->model.p, of->model.n);
    sys_random(h.nonce, sizeof h.nonce);
    bool written = write_all(&writer, &h, key);
    int error = errno;
    free(writer.window);
    errno = error;
    return written ? SNAPSHOT_DONE : writer.failed ? SNAPSHOT_FAILED : SNAPSHOT_CHANGED;
}

/* ---- reading ---- */

static bool is_of(const struct header *h, const struct snapshot_of *of)
{
    char model[SNAPSHOT_MODEL_BYTES] = {0};
    if (of->model.n > sizeof model)
        return false;
    if (of->model.n)
        memcpy(model, of->model.p, of->model.n);
    return h->tenant_id == of->tenant_id && h->epoch == of->epoch && memcmp(h->model, model, sizeof model) == 0;
}

static bool has_length(int fd, const struct header *h)
{
    int64_t size = file_size(fd);
    uint64_t left = size < 0 ? 0 : (uint64_t)size;
    if (left < sizeof *h)
        return false;
    left -= sizeof *h;
    for (int i = 0; i < SNAPSHOT_PARTS; i++) {
        if (h->parts[i].bytes > left)
            return false;
        left -= h->parts[i].bytes;
    }
    return left == 0;
}

/* What is wrong with a header; NULL: nothing. */
static const char *fault_of(int fd, const unsigned char *key, struct header *h, const struct snapshot_of *of)
{
    unsigned char tag[TAG_BYTES];
    if (!file_read_at(fd, h, sizeof *h, 0) || memcmp(h->magic, magic, sizeof magic) != 0)
        return "damaged";
    if (h->order != ORDER || h->format != FORMAT || h->analysis != ANALYSIS_VERSION || h->dimensions != DENSE_DIMENSIONS)
        return "of another version";
    tag_header(h, key, tag);
    if (sodium_memcmp(tag, h->tag, sizeof tag) != 0)
        return "damaged or of another database";
    if (!is_of(h, of))
        return "of another database, company or model";
    return h->seq < 0 || !has_length(fd, h) ? "damaged" : NULL;
}

bool snapshot_peek(int fd, const unsigned char key[SNAPSHOT_KEY_BYTES], struct snapshot_of *of, const char **why)
{
    struct header h;
    *why = fault_of(fd, key, &h, of);
    if (!*why)
        of->seq = h.seq;
    return !*why;
}

struct reader {
    int fd;
    crypto_onetimeauth_state hash;
    int64_t offset;  /* in the file, of what was not yet read */
    uint64_t unread; /* bytes of the part behind it */
    char *window;    /* [WINDOW_BYTES] */
    size_t at, end;
};

/* Reads and hashes while it is in the processor's cache. */
static bool fetch_bytes(struct reader *r, void *to, size_t n)
{
    if (n > r->unread || !file_read_at(r->fd, to, n, r->offset))
        return false;
    crypto_onetimeauth_update(&r->hash, to, n);
    r->offset += (int64_t)n;
    r->unread -= n;
    return true;
}

static bool get(void *context, void *out, size_t n)
{
    struct reader *r = context;
    for (char *p = out; n;) {
        size_t some = n < r->end - r->at ? n : r->end - r->at;
        if (some) {
            memcpy(p, r->window + r->at, some);
            r->at += some;
        } else if (n >= WINDOW_BYTES) {
            some = WINDOW_BYTES;
            if (!fetch_bytes(r, p, some))
                return false;
        } else {
            r->at = 0;
            r->end = r->unread < WINDOW_BYTES ? (size_t)r->unread : WINDOW_BYTES;
            if (r->end == 0 || !fetch_bytes(r, r->window, r->end))
                return false;
        }
        p += some;
        n -= some;
    }
    return true;
}

static bool read_part(struct reader *r, const struct header *h, const unsigned char *key, enum snapshot_part which, const struct snapshot_reading *reading)
{
    unsigned char tag[TAG_BYTES];
    struct index_source source = {get, r, h->parts[which].bytes};
    begin_tag(&r->hash, key, h->nonce, (unsigned char)which);
    r->unread = h->parts[which].bytes;
    r->at = r->end = 0;
    if (!reading->part(reading->context, which, &source) || source.left)
        return false;
    crypto_onetimeauth_final(&r->hash, tag);
    return sodium_memcmp(tag, h->parts[which].tag, sizeof tag) == 0;
}

bool snapshot_read(int fd, const unsigned char key[SNAPSHOT_KEY_BYTES], struct snapshot_of *of, const struct snapshot_reading *r, const char **why)
{
    struct header h;
    struct reader reader = {.fd = fd, .offset = sizeof h};
    *why = fault_of(fd, key, &h, of);
    if (*why)
        return false;
    reader.window = malloc(WINDOW_BYTES);
    bool read = reader.window != NULL;
    of->seq = h.seq;
    for (int i = 0; read && i < SNAPSHOT_PARTS; i++)
        read = read_part(&reader, &h, key, (enum snapshot_part)i, r);
    free(reader.window);
    if (!read)
        *why = "damaged";
    return read;
}
