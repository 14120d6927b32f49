/* Fusion and gate, and the stored form of a vector: tables of cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "app/fusion.h"
#include "app/vector_blob.h"

static void the_gate_follows_the_median(void **state)
{
    (void)state;
    static const struct {
        float ratios[6];
        size_t count;
        double gate;
    } cases[] = {
        {{0}, 0, 1}, /* nothing found: nothing speaks against it */
        {{1.1f}, 1, 1},
        {{1.6f}, 1, 1},
        {{1.9f}, 1, 0.5},
        {{2.2f}, 1, 0},
        {{6}, 1, 0},
        {{1.8f, 2.0f}, 2, 0.5},           /* of an even number, the middle of both */
        {{9, 1.1f, 1.2f}, 3, 1},          /* one foreign passage among English ones */
        {{1.0f, 2.4f, 2.5f, 2.6f}, 4, 0}, /* one English passage among foreign ones */
        {{2.05f, 1.2f, 5, 2.05f, 1, 9}, 6, 0.25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float ratios[6];
        memcpy(ratios, cases[i].ratios, sizeof ratios);
        assert_float_equal(fusion_gate(SPAN("a question"), ratios, cases[i].count), cases[i].gate, 1e-6);
    }
}

static void a_question_in_another_script_shuts_it(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        bool open;
    } cases[] = {
        {"How long is the warranty?", true},
        {"", true},
        {"24 / 7?", true},
        {"Wie lange gilt die Gew\303\244hrleistung f\303\274r Ger\303\244te?", true}, /* the passages decide */
        {"caf\303\251", true},                                                        /* one of four */
        {"\303\251t\303\251", false},
        {"\320\241\320\272\320\276\320\273\321\214\320\272\320\276?", false},
        {"iPhone \350\236\242\345\271\225\345\244\232\345\260\221\351\222\261", false},
        {"\350\236\242\345\271\225 iPhone 15 Pro Max", true},
        {"\344\277\235\344\277\256\346\234\237", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float ratio = 1.1f;
        double gate = fusion_gate(span_of(cases[i].question), &ratio, 1);
        if (gate != (cases[i].open ? 1 : 0))
            fail_msg("%s: %g", cases[i].question, gate);
    }
}

static void both_scores_make_one(void **state)
{
    (void)state;
    static const struct {
        double weight, cosine, lexical, coverage, fused;
    } cases[] = {{0.6, 1, 1, 1, 1},         {0.6, 0.5, 0.25, 1, 0.4}, {0.6, -0.5, 0.5, 1, 0.2}, {0, 0.9, 0.3, 1, 0.3},      {1, 0.4, 0.9, 1, 0.4},
                 {0.6, 0, 0, 0, 0},         {0.3, 0.5, 0, 0, 0.15},   {1, -1, 1, 1, 0},         {0.6, 0.5, 0.5, 0.25, 0.4}, /* half the root of a quarter */
                 {0.3, 0, 0.4, 0.25, 0.21}, /* the gate half open: half of that */
                 {0, 0, 0.5, 0.25, 0.5}};   /* by words alone: BM25 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_float_equal(fusion_score(cases[i].weight, cases[i].cosine, cases[i].lexical, cases[i].coverage), cases[i].fused, 1e-12);
}

/* ---- the stored form ---- */

static void a_vector_is_stored_in_392_bytes(void **state)
{
    (void)state;
    struct stored_vector v = {.vector = {.values = {1, -127, 127}, .scale = 0.0078125f}, .ratio = 1.5f}, back;
    char blob[VECTOR_BLOB_BYTES];
    vector_encode(&v, blob);
    assert_int_equal(sizeof blob, 392);
    assert_memory_equal(blob, "\x01\x81\x7f\x00", 4);
    assert_memory_equal(blob + 384, "\x00\x00\x00\x3c\x00\x00\xc0\x3f", 8); /* little-endian, whatever machine this is */
    assert_true(vector_decode((struct span){blob, sizeof blob}, &back));
    assert_memory_equal(back.vector.values, v.vector.values, sizeof v.vector.values);
    assert_true(back.vector.scale == v.vector.scale && back.ratio == v.ratio);
}

static void what_no_encoder_gives_is_refused(void **state)
{
    (void)state;
    static const struct {
        float scale, ratio;
        bool good;
    } cases[] = {{0, 1, true},      {0.01f, 0, true}, {NAN, 1, false},     {INFINITY, 1, false},
                 {-0.1f, 1, false}, {2, 1, false},    {0.01f, NAN, false}, {0.01f, -1, false}};
    char blob[VECTOR_BLOB_BYTES + 1] = {0};
    struct stored_vector back;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stored_vector v = {.vector.scale = cases[i].scale, .ratio = cases[i].ratio};
        vector_encode(&v, blob);
        assert_int_equal(vector_decode((struct span){blob, VECTOR_BLOB_BYTES}, &back), cases[i].good);
    }
    assert_false(vector_decode((struct span){blob, VECTOR_BLOB_BYTES - 1}, &back));
    assert_false(vector_decode((struct span){blob, VECTOR_BLOB_BYTES + 1}, &back));
    assert_false(vector_decode((struct span){NULL, 0}, &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_follows_the_median),     cmocka_unit_test(a_question_in_another_script_shuts_it), cmocka_unit_test(both_scores_make_one),
        cmocka_unit_test(a_vector_is_stored_in_392_bytes), cmocka_unit_test(what_no_encoder_gives_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
