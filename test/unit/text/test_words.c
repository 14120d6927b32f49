/* Words: what is cut, folded, stemmed, left out; codes whole and in parts; languages told apart; terms stored and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "text/stopwords.h"
#include "text/words.h"

static struct language language(const char *code)
{
    struct language l = {""};
    memcpy(l.code, code, strlen(code));
    return l;
}

struct split_case {
    const char *language, *text, *terms; /* terms parted by spaces; a stop word is "-", a whole ends in "=" */
};

static const struct split_case splits[] = {
    {"en", "The refunds are issued within 14 days.", "- refund - issu within 14 day"},
    {"en", "Don't stop: it's the company's policy!", "- stop - - compani polici"},
    {"en", "don\xE2\x80\x99t panic", "- panic"},
    {"en", "costs 1,000.50 or 1,234,567 or 2.5", "cost 1,000.50 1000.50= - 1,234,567 1234567= - 2.5"},
    {"en", "SKU-1234/5", "sku-1234/5= sku 1234 5"},
    {"en", "mail John.Doe@example.com now", "mail john.doe@example.com= john.doe= john doe example.com= exampl com now"},
    {"en", "see /usr/local/words.h", "see usr/local/words.h= usr local words.h= word h"},
    {"en", "version 3.10.2 and v2.x", "version 3.10.2= 3 10 2 - v2.x= v2 x"},
    {"en", "max_tokens and/or well-known", "max_tokens= max token - - well known"},
    {"en", "The U.S.A. won", "- usa won"},
    {"en", "C++ and C# but A+B", "c++= c - c#= c - - b"},
    {"en", "\xEF\xBC\xAE\xEF\xBC\xA6\xEF\xBC\xAC \xEF\xAC\x81re", "nfl fire"},
    {"en", "co\xC2\xADoperate", "cooper"},
    {"de", "Die Kündigungsfristen der Straße STRASSE", "- kundigungsfrist - strass strass"},
    {"de", "ÄPFEL äpfel a\xCC\x88pfel", "apfel apfel apfel"},
    {"fr",
     "l'homme d\xE2\x80\x99"
     "affaires",
     "- homm - affair"},
    {"ru", "Все самолёты и самолетами", "- самолет - самолет"},
    {"ru", "аккаунт GitHub policies", "аккаунт github polici"},
    {"", "黑豹队的 308分", "黑豹 豹队 队的 308 分"},
    {"", "テスト", "テス スト"},
    {"", "日", "日"},
    {"", "ภาษาไทย", "ภา าษ ษา าไ ไท ทย"},
    {"", "refund policies ĉiuj", "refund polici ĉiuj"},
    {"en", "  ... -- !!  ", ""},
};

static void print_words(const struct word *words, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_str(out, i ? " " : "");
        buf_span(out, words[i].stop ? SPAN("-") : words[i].term);
        buf_str(out, words[i].whole ? "=" : "");
    }
}

static void splits_as_written(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        struct word *words;
        size_t count;
        struct buf got;
        buf_init(&got, 1 << 16);
        assert_true(words_split(span_of(splits[i].text), language(splits[i].language), arena, &words, &count));
        print_words(words, count, &got);
        buf_char(&got, '\0');
        assert_string_equal(got.p, splits[i].terms);
        buf_free(&got);
    }
    arena_free(arena);
}

static void ranges_point_at_the_written_word(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    const char *text = "Größere Häuser, SKU-7";
    struct word *words;
    size_t count;
    assert_true(words_split(span_of(text), language("de"), arena, &words, &count));
    assert_int_equal(count, 5);
    assert_memory_equal(text + words[1].start, "Häuser", words[1].end - words[1].start);
    assert_int_equal(words[1].end - words[1].start, strlen("Häuser"));
    assert_true(words[2].whole);
    assert_memory_equal(text + words[2].start, "SKU-7", 5);
    assert_int_equal(words[2].end, strlen(text));
    arena_free(arena);
}

static void any_bytes_are_split_within_bounds(void **state)
{
    (void)state;
    unsigned seed = 7;
    char text[300];
    for (int round = 0; round < 3000; round++) {
        struct arena *arena = arena_new(1 << 16);
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1103515245 + 12345;
            static const char common[] = "ab.'1,_-/@ \xC3\xA9\xE4\xBB\xA5\xCC\x88";
            text[i] = round % 2 ? (char)(seed >> 16) : common[(seed >> 16) % (sizeof common - 1)];
        }
        struct word *words;
        size_t count;
        assert_true(words_split((struct span){text, sizeof text}, language(round % 3 ? "en" : "fr"), arena, &words, &count));
        for (size_t i = 0; i < count; i++) {
            assert_true(words[i].start < words[i].end && words[i].end <= sizeof text);
            assert_true(words[i].stop == (words[i].term.n == 0));
            assert_true(words[i].term.n <= 128 && utf8_valid(words[i].term));
        }
        arena_free(arena);
    }
}

static void long_words_are_cut(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    char text[4000];
    memset(text, 'x', sizeof text);
    struct word *words;
    size_t count;
    assert_true(words_split((struct span){text, sizeof text}, language("en"), arena, &words, &count));
    assert_int_equal(count, 1);
    assert_int_equal(words[0].end, sizeof text);
    assert_in_range(words[0].term.n, 1, 128);
    arena_free(arena);
}

static void a_full_arena_is_reported(void **state)
{
    (void)state;
    struct word *words;
    struct term *terms;
    size_t count;
    uint32_t length;
    for (size_t max = 0; max < 4000; max += 37) {
        struct arena *arena = arena_new(max);
        assert_false(words_terms(SPAN("Every word of this sentence wants some room in the arena, of which there is none"), language("en"), arena, &terms,
                                 &count, &length) &&
                     max < 2000);
        arena_free(arena);
    }
    struct arena *arena = arena_new(100);
    assert_false(words_split(SPAN("one two three"), language("en"), arena, &words, &count));
    arena_free(arena);
}

struct language_case {
    const char *code, *text;
};

static const struct language_case languages[] = {
    {"en", "What is the refund policy?"},
    {"en", "How to delete a branch on github"},
    {"de", "Wie lange ist die Frist?"},
    {"de", "Straße"},
    {"fr", "Quelle est la politique de remboursement ?"},
    {"es", "¿Cuál es la política de devolución?"},
    {"it", "Qual è la politica di rimborso della società?"},
    {"pt", "Qual é a política de reembolso? Não sei."},
    {"nl", "Wat is het beleid voor de terugbetaling?"},
    {"sv", "Vad är reglerna för att få pengarna tillbaka och när?"},
    {"da", "Hvad er reglerne for at få pengene tilbage, og hvornår får jeg dem af jer?"},
    {"fi", "Mikä on palautuskäytäntö ja milloin se on voimassa?"},
    {"hu", "Mi a visszatérítési szabályzat, és hogyan kell kérni?"},
    {"tr", "İade politikası nedir ve nasıl çok hızlı olur?"},
    {"ru", "Какова политика возврата?"},
    {"", "Яка політика повернення коштів і її умови?"},
    {"", "Jaka jest polityka zwrotów i kiedy się ją stosuje?"},
    {"", "黑豹队的防守丢了多少分？"},
    {"el", "Ποια είναι η πολιτική επιστροφών;"},
    {"ar", "ما هي سياسة الاسترداد"},
    {"", "refund policy"},
    {"", "12345 ..."},
    {"", ""},
};

static void languages_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++)
        assert_string_equal(language_detect(span_of(languages[i].text)).code, languages[i].code);
}

static void a_likely_language_helps_where_nothing_tells(void **state)
{
    (void)state;
    assert_string_equal(language_detect_or(SPAN("Rechnungen Mahnung"), language("de")).code, "de");
    assert_string_equal(language_detect_or(SPAN("was tun"), language("de")).code, "de");
    assert_string_equal(language_detect_or(SPAN("what is the fee"), language("de")).code, "en");
    assert_string_equal(language_detect_or(SPAN("возврат"), language("de")).code, "ru");
    assert_string_equal(language_detect_or(SPAN("豹队"), language("de")).code, "");
    assert_string_equal(language_detect_or(SPAN("refund"), language("")).code, "");
}

static void terms_are_counted_and_stored(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct term *terms, *back;
    size_t count, back_count;
    uint32_t length;
    assert_true(words_terms(SPAN("Refunds: a refund is refunded for SKU-1, the SKU"), language("en"), arena, &terms, &count, &length));
    assert_int_equal(count, 4); /* refund sku-1 sku 1 */
    assert_int_equal(terms[0].count, 3);
    assert_int_equal(terms[2].count, 2);
    assert_int_equal(length, 6);
    struct buf stored;
    buf_init(&stored, 1 << 16);
    assert_true(terms_encode(terms, count, &stored));
    assert_true(terms_decode(buf_view(&stored), arena, &back, &back_count));
    assert_int_equal(back_count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(span_eq(terms[i].word, back[i].word) && terms[i].count == back[i].count);
    for (size_t n = 1; n < stored.n; n++) { /* cut short: refused, unless it ends between two terms */
        bool between = n == 8 || n == 15 || n == 20;
        assert_true(terms_decode((struct span){stored.p, n}, arena, &back, &back_count) == between);
    }
    buf_free(&stored);
    arena_free(arena);
}

static void damaged_terms_are_refused(void **state)
{
    (void)state;
    static const struct span bad[] = {SPAN("\x05"
                                           "ab\x01"),
                                      SPAN("\x00\x01"),
                                      SPAN("\x01"
                                           "a\x00"),
                                      SPAN("\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
                                      SPAN("\x01"
                                           "a\xFF\xFF\xFF\xFF\x7F")};
    struct arena *arena = arena_new(1 << 16);
    struct term *terms;
    size_t count;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(terms_decode(bad[i], arena, &terms, &count));
    assert_true(terms_decode(SPAN(""), arena, &terms, &count));
    assert_int_equal(count, 0);
    arena_free(arena);
}

static void every_listed_stop_word_is_found(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t i = 0; i < STOPWORDS_SLOTS; i++) {
        const struct stopwords_slot *slot = &stopwords_slots[i];
        if (slot->length == 0)
            continue;
        assert_int_equal(stopwords_of((struct span){(const char *)stopwords_pool + slot->at, slot->length}), slot->languages);
        found++;
    }
    assert_true(found > 2000);
    assert_true(stopwords_of(SPAN("the")) & 1u << stopwords_bit("en"));
    assert_int_equal(stopwords_of(SPAN("refund")), 0);
    assert_int_equal(stopwords_bit("xx"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_as_written),
        cmocka_unit_test(ranges_point_at_the_written_word),
        cmocka_unit_test(any_bytes_are_split_within_bounds),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(a_full_arena_is_reported),
        cmocka_unit_test(languages_are_told_apart),
        cmocka_unit_test(a_likely_language_helps_where_nothing_tells),
        cmocka_unit_test(terms_are_counted_and_stored),
        cmocka_unit_test(damaged_terms_are_refused),
        cmocka_unit_test(every_listed_stop_word_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
