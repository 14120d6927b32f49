/* The chunker: the text it writes, where it cuts, and, for documents at random, that every chunk is an exact slice within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/utf8.h"
#include "text/chunker.h"

enum { ARENA_MAX = 8 << 20 };

struct document {
    struct arena *arena;
    struct buf text;
    struct chunk *chunks;
    size_t count;
};

static struct document chunked(const struct block *blocks, size_t count, size_t min, size_t max)
{
    struct document d = {.arena = arena_new(ARENA_MAX)};
    buf_init(&d.text, ARENA_MAX);
    struct chunker_options options = {.min_tokens = min, .max_tokens = max, .count = count_tokens_roughly};
    assert_true(chunk_document(blocks, count, &options, d.arena, &d.text, &d.chunks, &d.count));
    return d;
}

static void done(struct document *d)
{
    buf_free(&d->text);
    arena_free(d->arena);
}

static void assert_span(struct span s, const char *expected)
{
    assert_int_equal(s.n, strlen(expected));
    assert_memory_equal(s.p, expected, s.n);
}

#define PARAGRAPH(literal)                                                                                                                                     \
    {                                                                                                                                                          \
        .kind = BLOCK_PARAGRAPH, .text = SPAN(literal)                                                                                                         \
    }
#define HEADING(depth, literal)                                                                                                                                \
    {                                                                                                                                                          \
        .kind = BLOCK_HEADING, .level = depth, .text = SPAN(literal)                                                                                           \
    }
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void text_is_rendered(void **state)
{
    (void)state;
    const struct block blocks[] = {
        HEADING(1, "Plans"),
        PARAGRAPH("What it costs."),
        {.kind = BLOCK_TABLE_HEADER, .text = SPAN("Plan\tPrice\t")},
        {.kind = BLOCK_TABLE_ROW, .text = SPAN("Basic\t5 EUR\tnew")},
        {.kind = BLOCK_TABLE_ROW, .text = SPAN("Pro\t\t\t9 EUR")},
        {.kind = BLOCK_LIST_ITEM, .level = 1, .text = SPAN("one")},
        {.kind = BLOCK_LIST_ITEM, .level = 2, .text = SPAN("two")},
        {.kind = BLOCK_TABLE_ROW, .text = SPAN("a\tb")},
        {.kind = BLOCK_CODE, .text = SPAN("if (x)\n    y();\n")},
        {.kind = BLOCK_TABLE_HEADER, .text = SPAN("alone\there")},
        PARAGRAPH("  "),
        PARAGRAPH("End."),
    };
    struct document d = chunked(blocks, COUNT(blocks), 100, 200);
    assert_span(
        buf_view(&d.text),
        "Plans\nWhat it costs.\n\nPlan: Basic; Price: 5 EUR; new\nPlan: Pro; 9 EUR\n\n- one\n- two\n\na | b\n\nif (x)\n    y();\n\nalone | here\n\nEnd.");
    assert_int_equal(d.count, 1);
    assert_span(d.chunks[0].heading, "Plans");
    assert_int_equal(d.chunks[0].end, utf8_length(buf_view(&d.text)));
    done(&d);
}

static void headings_and_pages_part(void **state)
{
    (void)state;
    struct block blocks[] = {
        HEADING(1, "Guide"),  HEADING(2, "Install"),   PARAGRAPH("Run it."),    HEADING(3, "Linux"), PARAGRAPH("Use the shell."),
        HEADING(2, "Remove"), PARAGRAPH("Delete it."), PARAGRAPH("Next page."), HEADING(1, "End"),   PARAGRAPH("Bye."),
    };
    for (size_t i = 0; i < COUNT(blocks); i++)
        blocks[i].page = i < 7 ? 1 : 2;
    struct document d = chunked(blocks, COUNT(blocks), 100, 200);
    assert_int_equal(d.count, 4);
    assert_span(d.chunks[0].text, "Guide\n\nInstall\nRun it.\n\nLinux\nUse the shell.");
    assert_span(d.chunks[0].heading, "Guide > Install");
    assert_span(d.chunks[1].text, "Remove\nDelete it.");
    assert_span(d.chunks[1].heading, "Guide > Remove");
    assert_span(d.chunks[2].text, "Next page.");
    assert_span(d.chunks[2].heading, "Guide > Remove");
    assert_int_equal(d.chunks[2].page, 2);
    assert_span(d.chunks[3].text, "End\nBye.");
    assert_span(d.chunks[3].heading, "End");
    done(&d);
}

static void a_heading_goes_with_what_it_heads(void **state)
{
    (void)state;
    const struct block blocks[] = {
        PARAGRAPH("one two three four five six."),
        HEADING(3, "Deep"),
        {.kind = BLOCK_CODE, .text = SPAN("a b c d e f g h i j k l")},
    };
    struct document d = chunked(blocks, COUNT(blocks), 10, 14);
    assert_int_equal(d.count, 2);
    assert_span(d.chunks[0].text, "one two three four five six.");
    assert_span(d.chunks[1].text, "Deep\na b c d e f g h i j k l");
    assert_span(d.chunks[1].heading, "Deep");
    done(&d);
}

static void long_blocks_are_cut_at_sentences(void **state)
{
    (void)state;
    const struct block blocks[] = {PARAGRAPH("One two three four. Five six seven eight. Nine ten eleven twelve. A b c d e f g h i j k l m n o p q r s t u.")};
    struct document d = chunked(blocks, COUNT(blocks), 5, 12);
    assert_int_equal(d.count, 4);
    assert_span(d.chunks[0].text, "One two three four. Five six seven eight.");
    assert_span(d.chunks[1].text, "Nine ten eleven twelve. A b c d e f g");
    assert_span(d.chunks[3].text, "t u.");
    done(&d);
}

static void lists_and_rows_stay_whole(void **state)
{
    (void)state;
    struct block blocks[8] = {PARAGRAPH("One two three four five six.")};
    for (size_t i = 1; i < 7; i++)
        blocks[i] = (struct block){.kind = BLOCK_LIST_ITEM, .level = 1, .text = SPAN("an item")};
    blocks[7] = (struct block)PARAGRAPH("After the list.");
    struct document d = chunked(blocks, COUNT(blocks), 5, 20);
    assert_int_equal(d.count, 3);
    assert_span(d.chunks[1].text, "- an item\n- an item\n- an item\n- an item\n- an item\n- an item");
    done(&d);
}

static void a_header_of_two_rows_names_columns_by_both(void **state)
{
    (void)state;
    const struct block blocks[] = {
        {.kind = BLOCK_TABLE_HEADER, .text = SPAN("CHF\t2022\t\t2023")},
        {.kind = BLOCK_TABLE_HEADER, .text = SPAN("\tSales\tCosts\tSales\tCosts")},
        {.kind = BLOCK_TABLE_ROW, .text = SPAN("Rome\t1\t2\t3\t4")},
    };
    struct document d = chunked(blocks, COUNT(blocks), 100, 200);
    assert_span(buf_view(&d.text), "CHF: Rome; 2022, Sales: 1; Costs: 2; 2023, Sales: 3; Costs: 4");
    done(&d);
}

/* A question with its answer is found by the question, whichever part of the answer a chunk holds; what stands twice in a row is said once. */
static void a_row_of_sentences_has_chunks_of_its_own(void **state)
{
    (void)state;
    const struct block blocks[] = {
        HEADING(1, "FAQ"),
        {.kind = BLOCK_TABLE_HEADER, .text = SPAN("question\tanswer\tanswer_html\tid")},
        {.kind = BLOCK_TABLE_ROW, .text = SPAN("Why?\tYes.\t\t1")},
        {.kind = BLOCK_TABLE_ROW,
         .text = SPAN("What is it?\tIt is one thing of the first kind, we say. It is another thing of the second kind.\t"
                      "<p>It is <b>one</b> thing of the first kind, we say.</p><p>It is another thing of the second kind.</p>\t2")},
        {.kind = BLOCK_TABLE_ROW, .text = SPAN("Who?\tNobody.\t\t3")},
    };
    struct document d = chunked(blocks, COUNT(blocks), 28, 28);
    assert_int_equal(d.count, 4);
    assert_span(d.chunks[0].text, "FAQ\nquestion: Why?; answer: Yes.; id: 1");
    assert_span(d.chunks[0].heading, "FAQ");
    assert_span(d.chunks[1].text, "question: What is it?; answer: It is one thing of the first kind, we say.");
    assert_span(d.chunks[1].heading, "FAQ > What is it?");
    assert_span(d.chunks[2].text, "It is another thing of the second kind.; id: 2");
    assert_span(d.chunks[2].heading, "FAQ > What is it?");
    assert_span(d.chunks[3].text, "question: Who?; answer: Nobody.; id: 3");
    assert_span(d.chunks[3].heading, "FAQ");
    done(&d);
}

static void a_word_larger_than_a_chunk_is_cut(void **state)
{
    (void)state;
    static char word[3000];
    memset(word, 'x', sizeof word);
    const struct block blocks[] = {{.kind = BLOCK_PARAGRAPH, .text = {word, sizeof word}}};
    struct document d = chunked(blocks, 1, 5, 10);
    assert_true(d.count > 20);
    size_t sum = 0;
    for (size_t i = 0; i < d.count; i++) {
        assert_in_range(count_tokens_roughly(NULL, d.chunks[i].text), 1, 10);
        sum += d.chunks[i].text.n;
    }
    assert_int_equal(sum, sizeof word);
    done(&d);
}

static void the_heading_path_is_bounded(void **state)
{
    (void)state;
    static char name[500];
    for (size_t i = 0; i + 1 < sizeof name; i += 2)
        memcpy(name + i, "\xC3\xA9", 2);
    const struct block blocks[] = {{.kind = BLOCK_HEADING, .level = 1, .text = {name, sizeof name}}, HEADING(2, "x"), PARAGRAPH("y")};
    struct document d = chunked(blocks, COUNT(blocks), 100, 200);
    assert_true(d.count >= 1 && d.chunks[0].heading.n <= 300 && d.chunks[0].heading.n > 290);
    assert_true(utf8_valid(d.chunks[0].heading));
    done(&d);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Fills a block with random words of several scripts. */
static struct block random_block(struct arena *arena, uint32_t *seed, int32_t page)
{
    static const char *const pieces[] = {"word ", "é", "Straße ",  "黑豹队。", "end. ",       "A longer sentence, really! ",
                                         "😀 ",    "x", "\xC2\xA0", "1.5 ",     "\"Quote.\" ", "ไทย"};
    static const char *const cells[] = {"\t", "\t", "a ", "b: "};
    struct buf b;
    buf_init(&b, 1 << 20);
    struct block block = {.kind = (enum block_kind)(next_random(seed) % BLOCK_KINDS), .level = (int32_t)(next_random(seed) % 7), .page = page};
    bool table = block.kind == BLOCK_TABLE_ROW || block.kind == BLOCK_TABLE_HEADER;
    size_t length = 1 + next_random(seed) % (block.kind == BLOCK_HEADING ? 4 : next_random(seed) % 9 == 0 ? 200 : 20);
    for (size_t i = 0; i < length; i++) {
        if (table && next_random(seed) % 3 == 0)
            buf_str(&b, cells[next_random(seed) % COUNT(cells)]);
        else if (block.kind == BLOCK_CODE && next_random(seed) % 5 == 0)
            buf_char(&b, '\n');
        else
            buf_str(&b, pieces[next_random(seed) % COUNT(pieces)]);
    }
    block.text = arena_copy(arena, buf_view(&b));
    buf_free(&b);
    return block;
}

/* Walks the text by code points from chunk to chunk: slices are exact, in order, on one page, and only white space lies between them. */
static void check(const struct document *d, size_t max)
{
    struct span rest = buf_view(&d->text);
    int64_t at = 0;
    for (size_t i = 0; i <= d->count; i++) {
        const struct chunk *c = i < d->count ? &d->chunks[i] : NULL;
        size_t gap = c ? utf8_offset(rest, (size_t)(c->start - at)) : rest.n;
        for (size_t k = 0; k < gap; k++)
            assert_true(rest.p[k] == ' ' || rest.p[k] == '\n' || rest.p[k] == '\t' || (unsigned char)rest.p[k] == 0xC2 || (unsigned char)rest.p[k] == 0xA0);
        if (!c)
            break;
        assert_int_equal(c->ordinal, i);
        assert_true(c->start >= at && c->end > c->start && c->text.n > 0);
        rest = span_skip(rest, gap);
        size_t n = utf8_offset(rest, (size_t)(c->end - c->start));
        assert_true(span_eq(c->text, (struct span){rest.p, n}));
        assert_true(count_tokens_roughly(NULL, c->text) <= max);
        rest = span_skip(rest, n);
        at = c->end;
    }
}

static void chunks_are_exact_slices(void **state)
{
    (void)state;
    uint32_t seed = 11;
    for (int round = 0; round < 400; round++) {
        struct arena *arena = arena_new(ARENA_MAX);
        struct block blocks[60];
        size_t count = next_random(&seed) % COUNT(blocks);
        int32_t page = 0;
        for (size_t i = 0; i < count; i++)
            blocks[i] = random_block(arena, &seed, page += next_random(&seed) % 8 == 0);
        size_t max = 12 + next_random(&seed) % 100;
        struct document d = chunked(blocks, count, max / 2, max);
        check(&d, max);
        done(&d);
        arena_free(arena);
    }
}

static void bounds_are_reported(void **state)
{
    (void)state;
    const struct block blocks[] = {HEADING(1, "Some heading"), PARAGRAPH("A paragraph of a few words. Another sentence.")};
    struct chunker_options options = {.min_tokens = 2, .max_tokens = 4, .count = count_tokens_roughly};
    struct chunk *chunks;
    size_t count;
    bool worked = false;
    for (size_t max = 0; max < 6000; max += 61) {
        struct arena *arena = arena_new(max);
        struct buf text;
        buf_init(&text, 1000);
        bool ok = chunk_document(blocks, COUNT(blocks), &options, arena, &text, &chunks, &count);
        assert_true(ok || !worked); /* once there is room enough, more is never too little */
        assert_false(ok && max < 300);
        worked = ok;
        buf_free(&text);
        arena_free(arena);
    }
    assert_true(worked);
    struct arena *arena = arena_new(ARENA_MAX);
    struct buf text;
    buf_init(&text, 20);
    assert_false(chunk_document(blocks, COUNT(blocks), &options, arena, &text, &chunks, &count));
    buf_free(&text);
    arena_free(arena);
}

static void tokens_are_counted_roughly(void **state)
{
    (void)state;
    assert_int_equal(count_tokens_roughly(NULL, SPAN("Hello, world!")), 4);
    assert_int_equal(count_tokens_roughly(NULL, SPAN("黑豹队 a_b")), 6);
    assert_int_equal(count_tokens_roughly(NULL, SPAN("internationalisation")), 2);
    assert_int_equal(count_tokens_roughly(NULL, SPAN("")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_rendered),
        cmocka_unit_test(headings_and_pages_part),
        cmocka_unit_test(a_heading_goes_with_what_it_heads),
        cmocka_unit_test(long_blocks_are_cut_at_sentences),
        cmocka_unit_test(lists_and_rows_stay_whole),
        cmocka_unit_test(a_header_of_two_rows_names_columns_by_both),
        cmocka_unit_test(a_row_of_sentences_has_chunks_of_its_own),
        cmocka_unit_test(a_word_larger_than_a_chunk_is_cut),
        cmocka_unit_test(the_heading_path_is_bounded),
        cmocka_unit_test(chunks_are_exact_slices),
        cmocka_unit_test(bounds_are_reported),
        cmocka_unit_test(tokens_are_counted_roughly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
