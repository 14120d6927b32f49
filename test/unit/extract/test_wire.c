/* Frames between worker and parent: what is written is read back, anything cut or damaged is not believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extract/wire.h"

static const struct wire_frame sound[] = {
    {.type = WIRE_MEDIA_TYPE, .block.text = SPAN("text/plain")},
    {.type = WIRE_MEDIA_TYPE},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH, .page = 7, .text = SPAN("Zwei W\xC3\xB6rter")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_HEADING, .level = 6, .page = SINK_PAGES_MAX, .text = SPAN("H")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_LIST_ITEM, .level = SINK_LEVEL_MAX, .text = SPAN("1. one")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_TABLE_HEADER, .text = SPAN("a\tb")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_TABLE_ROW, .text = SPAN("\t2\t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_CODE, .text = SPAN("if x:\n    y")}},
    {.type = WIRE_ERROR, .error = EXTRACT_UNSUPPORTED, .block.text = SPAN("No.")},
    {.type = WIRE_ERROR, .error = EXTRACT_INTERNAL},
    {.type = WIRE_ERROR, .error = EXTRACT_NO_TEXT, .block.level = SINK_PAGES_MAX},
    {.type = WIRE_DONE},
    {.type = WIRE_DONE, .block.page = SINK_PAGES_MAX},
    {.type = WIRE_DONE, .block.level = SINK_PAGES_MAX},
    {.type = WIRE_DONE, .block.text = SPAN("Page 3 has no text layer.\nIt is no .doc.")},
};

/* One field of each is out of bounds. */
static const struct wire_frame unsound[] = {
    {.type = (enum wire_type)'X', .block.text = SPAN("t")},
    {.type = WIRE_MEDIA_TYPE, .block.text = SPAN("text\nplain")},
    {.type = WIRE_MEDIA_TYPE, .block.text = SPAN("\xC3")},
    {.type = WIRE_MEDIA_TYPE, .block.text = SPAN("a media type of ninety-six bytes, which is one more than the place that it is to be copied into has")},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_KINDS, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = (enum block_kind)255, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH, .page = -1, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH, .page = SINK_PAGES_MAX + 1, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_LIST_ITEM, .level = SINK_LEVEL_MAX + 1, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_HEADING, .level = 0, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_HEADING, .level = 7, .text = SPAN("t")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH, .text = SPAN("a\tb")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH, .text = SPAN("a\nb")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_TABLE_ROW, .text = SPAN("a\nb")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_CODE, .text = SPAN("a\tb")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_CODE, .text = SPAN("a\0b")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_CODE, .text = SPAN("a\x7F")}},
    {.type = WIRE_BLOCK, .block = {.kind = BLOCK_PARAGRAPH, .text = SPAN("\xED\xA0\x80")}},
    {.type = WIRE_ERROR, .error = EXTRACT_OK},
    {.type = WIRE_ERROR, .error = EXTRACT_INTERNAL + 1},
    {.type = WIRE_ERROR, .error = EXTRACT_DAMAGED, .block.text = SPAN("two\nlines")},
    {.type = WIRE_DONE, .block.page = SINK_PAGES_MAX + 1},
    {.type = WIRE_DONE, .block.level = SINK_PAGES_MAX + 1},
    {.type = WIRE_ERROR, .error = EXTRACT_NO_TEXT, .block.level = SINK_PAGES_MAX + 1},
    {.type = WIRE_DONE, .block.page = -1},
    {.type = WIRE_DONE, .block.text = SPAN("two\tcells")},
};

enum { SOUND = sizeof sound / sizeof *sound, UNSOUND = sizeof unsound / sizeof *unsound };

static struct buf written(const struct wire_frame *f)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    wire_write(&b, f);
    assert_false(b.failed);
    return b;
}

static void frames_come_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOUND; i++) {
        struct wire_frame got;
        struct buf b = written(&sound[i]);
        assert_int_equal(wire_read(buf_view(&b), &got), WIRE_HEAD + sound[i].block.text.n);
        assert_int_equal(got.type, sound[i].type);
        assert_int_equal(got.error, sound[i].error);
        if (got.type == WIRE_BLOCK)
            assert_int_equal(got.block.kind, sound[i].block.kind);
        assert_int_equal(got.block.level, sound[i].block.level);
        assert_int_equal(got.block.page, sound[i].block.page);
        assert_true(span_eq(got.block.text, sound[i].block.text));
        buf_free(&b);
    }
}

static void a_cut_frame_waits_for_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOUND; i++) {
        struct buf b = written(&sound[i]);
        for (size_t n = 0; n < b.n; n++) {
            struct wire_frame got;
            char *exact = malloc(n ? n : 1); /* so that the sanitizer sees a read past the end */
            assert_non_null(exact);
            memcpy(exact, b.p, n);
            assert_int_equal(wire_read((struct span){exact, n}, &got), 0);
            free(exact);
        }
        buf_free(&b);
    }
}

static void unsound_frames_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < UNSOUND; i++) {
        struct wire_frame got;
        struct buf b = written(&unsound[i]);
        if (wire_read(buf_view(&b), &got) != -1)
            fail_msg("frame %zu was taken for sound", i);
        buf_free(&b);
    }
}

/* Whatever one byte of a frame becomes, what is read stays within the bounds that the parent relies on. */
static void no_byte_breaks_the_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOUND; i++) {
        struct buf b = written(&sound[i]);
        for (size_t at = 0; at < b.n; at++) {
            char before = b.p[at];
            for (int value = 0; value < 256; value++) {
                struct wire_frame got;
                b.p[at] = (char)value;
                ptrdiff_t used = wire_read(buf_view(&b), &got);
                assert_in_range(used + 1, 0, b.n + 1);
                if (used <= 0)
                    continue;
                assert_int_equal(used, WIRE_HEAD + got.block.text.n);
                assert_in_range(got.block.level, 0, got.type == WIRE_BLOCK ? SINK_LEVEL_MAX : UINT16_MAX);
                if (got.type == WIRE_BLOCK || got.type == WIRE_DONE)
                    assert_in_range(got.block.page, 0, SINK_PAGES_MAX);
            }
            b.p[at] = before;
        }
        buf_free(&b);
    }
}

static void a_length_past_the_bound_is_refused_at_once(void **state)
{
    (void)state;
    char head[WIRE_HEAD] = {'B'};
    uint32_t lengths[] = {WIRE_TEXT_MAX + 1, UINT32_MAX};
    for (size_t i = 0; i < 2; i++) {
        struct wire_frame got;
        for (size_t k = 0; k < 4; k++)
            head[8 + k] = (char)(lengths[i] >> (8 * k));
        assert_int_equal(wire_read((struct span){head, sizeof head}, &got), -1);
    }
}

static void the_longest_text_fits_and_a_longer_one_is_clipped(void **state)
{
    (void)state;
    enum { LONG = WIRE_TEXT_MAX + 3 };
    char *text = malloc(LONG);
    assert_non_null(text);
    memset(text, 'a', LONG);
    memcpy(text + WIRE_TEXT_MAX - 1, "\xC3\xA4", 2); /* the bound cuts this letter in two */
    struct wire_frame got, f = {.type = WIRE_BLOCK, .block.text = {text, LONG}};
    struct buf b = written(&f);
    assert_int_equal(wire_read(buf_view(&b), &got), WIRE_HEAD + WIRE_TEXT_MAX - 1);
    buf_free(&b);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back),
        cmocka_unit_test(a_cut_frame_waits_for_more),
        cmocka_unit_test(unsound_frames_are_refused),
        cmocka_unit_test(no_byte_breaks_the_bounds),
        cmocka_unit_test(a_length_past_the_bound_is_refused_at_once),
        cmocka_unit_test(the_longest_text_fits_and_a_longer_one_is_clipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
