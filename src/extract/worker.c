/* The worker process: one document on descriptor 3, blocks out on descriptor 4, nothing else in reach. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "extract/ocr.h"
#include "extract/sandbox.h"
#include "extract/wire.h"

enum { DOCUMENT_FD = 3, PIPE_FD = 4, PIPE_CHUNK = 64 * 1024 };

/* What the parent asks for on the command line. */
struct order {
    int64_t memory_bytes, cpu_s, output_bytes;
    const char *ocr; /* languages; "" for none */
    int64_t ocr_s;
    struct span filename;
};

/* Frames wait here until there are enough for one write. */
struct outlet {
    struct buf frames;
};

static bool flush(struct outlet *o)
{
    bool ok = !o->frames.failed && file_write(PIPE_FD, buf_view(&o->frames));
    buf_clear(&o->frames);
    return ok;
}

static bool send_frame(struct outlet *o, const struct wire_frame *f)
{
    wire_write(&o->frames, f);
    return o->frames.n < PIPE_CHUNK && !o->frames.failed ? true : flush(o);
}

static bool emit_block(void *ctx, const struct block *b)
{
    return send_frame(ctx, &(struct wire_frame){.type = WIRE_BLOCK, .block = *b});
}

static bool map_document(struct source *in)
{
    int64_t size = file_size(DOCUMENT_FD);
    if (size < 0)
        return false;
    in->bytes = (struct span){"", (size_t)size};
    if (size == 0)
        return true;
    void *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, DOCUMENT_FD, 0);
    if (bytes == MAP_FAILED)
        return false;
    in->bytes.p = bytes;
    return true;
}

static void refuse_unsupported(struct sink *out)
{
    char sentence[320];
    snprintf(sentence, sizeof sentence, "This kind of file cannot be read. Accepted are %s.", extract_supported());
    sink_refuse(out, EXTRACT_UNSUPPORTED, sentence);
}

static bool prepare(const struct format *format, const struct order *order, struct source *in, struct sink *out)
{
    char why[sizeof out->message];
    in->library = format->prepare();
    if (!in->library)
        return sink_refuse(out, EXTRACT_INTERNAL, "The library that reads this kind of file is not installed.");
    in->ocr_ms = order->ocr_s * 1000;
    if (!order->ocr[0])
        return true;
    in->ocr = ocr_open(order->ocr, why, sizeof why);
    return in->ocr ? true : sink_refuse(out, EXTRACT_INTERNAL, why);
}

static void read_document(struct outlet *o, const struct order *order, struct source *in, struct sink *out)
{
    const struct format *format = format_detect(in->bytes, in->filename);
    if (!format) {
        refuse_unsupported(out);
        return;
    }
    send_frame(o, &(struct wire_frame){.type = WIRE_MEDIA_TYPE, .block.text = span_of(format->media_type)});
    if (!prepare(format, order, in, out))
        return;
    format_note_name(format, in->filename, out);
    if (sandbox_close(order->memory_bytes, (int)order->cpu_s))
        format->read(in, out);
    else
        sink_refuse(out, EXTRACT_INTERNAL, "The sandbox for reading documents could not be set up.");
    format->release(in->library);
    ocr_close(in->ocr);
}

/* The last frame: how it went. */
static bool send_end(struct outlet *o, const struct sink *out)
{
    struct wire_frame f = {.type = WIRE_DONE, .block.page = out->pages, .block.text = span_of(out->notes)};
    if (out->error != EXTRACT_OK)
        f = (struct wire_frame){.type = WIRE_ERROR, .error = out->error, .block.text = span_of(out->message)};
    f.block.level = out->pictures;
    return send_frame(o, &f) && flush(o);
}

static bool read_order(struct order *order, int argc, char **argv)
{
    if (argc != 7)
        return false;
    order->ocr = argv[4];
    order->filename = span_of(argv[6]);
    return span_to_int(span_of(argv[1]), 1, INT64_MAX, &order->memory_bytes) && span_to_int(span_of(argv[2]), 1, 86400, &order->cpu_s) &&
           span_to_int(span_of(argv[3]), 0, INT64_MAX, &order->output_bytes) && span_to_int(span_of(argv[5]), 0, 86400, &order->ocr_s);
}

int extract_worker_main(int argc, char **argv)
{
    struct order order;
    if (!read_order(&order, argc, argv))
        return 2;
    struct outlet o;
    buf_init(&o.frames, PIPE_CHUNK + WIRE_HEAD + WIRE_TEXT_MAX);
    struct sink out;
    sink_init(&out, emit_block, &o, order.output_bytes);
    struct source in = {.filename = order.filename};
    if (!sandbox_begin() || !map_document(&in))
        sink_refuse(&out, EXTRACT_INTERNAL, "The document could not be opened for reading.");
    else
        read_document(&o, &order, &in, &out);
    bool sent = send_end(&o, &out);
    sink_free(&out);
    buf_free(&o.frames);
    return sent ? 0 : 1;
}
