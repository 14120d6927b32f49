/* What kind of document it is: content and name → media type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extract/extract.h"

#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define ZIP_HEAD(name, length) "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" length "\0\0\0" name "................"

static const struct {
    struct span head;
    const char *name, *media_type; /* NULL: no reader */
} cases[] = {
    {SPAN("%PDF-1.7\n"), "a.pdf", "application/pdf"},
    {SPAN("%PDF-1.7\n"), "a.txt", "application/pdf"},
    {SPAN("junk before\n%PDF-1.4"), "", "application/pdf"},
    {SPAN(ZIP_HEAD("word/document.xml", "\x11")), "a.bin", DOCX},
    {SPAN(ZIP_HEAD("x", "\1")), "a.docx", DOCX},
    {SPAN(ZIP_HEAD("x", "\1")), "a.zip", "application/zip"},
    {SPAN(ZIP_HEAD("x", "\1")), "a.txt", "application/zip"},
    {SPAN("PK\3\4"), "a.docx", DOCX},
    {SPAN("<!DOCTYPE HTML><p>"), "", "text/html"},
    {SPAN("\xEF\xBB\xBF \n<!-- c --><html>"), "", "text/html"},
    {SPAN("<?xml version=\"1.0\"?><html>"), "", "text/html"},
    {SPAN("plain <b>bold</b>"), "a.htm", "text/html"},
    {SPAN("plain"), "a.html", "text/plain"},
    {SPAN("<!doctype html><p>"), "a.txt", "text/html"},
    {SPAN("{\"a\": [1, 2]}"), "", "application/json"},
    {SPAN("{\"a\": 1}\n{\"a\": 2}\n"), "a.jsonl", "application/x-ndjson"},
    {SPAN("{curly} text"), "", "text/plain"},
    {SPAN("a,b,c\n1,2,3\n4,5,6\n"), "", "text/csv"},
    {SPAN("a;b;c\n1;2;3\n4;5;6\n"), "export", "text/csv"},
    {SPAN("a\tb\tc\n1\t2\t3\n4\t5\t6\n"), "", "text/tab-separated-values"},
    {SPAN("a,b,c\n1,2,3\n4,5,6\n"), "a.txt", "text/plain"},
    {SPAN("one, two, three\nfour\n"), "", "text/plain"},
    {SPAN("# Title"), "README.MD", "text/markdown"},
    {SPAN("# Title"), "", "text/plain"},
    {SPAN("words"), "a.pdf", "text/plain"},
    {SPAN(""), "", "text/plain"},
    {SPAN(""), "a.csv", "text/csv"},
    {SPAN("\xFF\xFEh\0i\0"), "", "text/plain"},
    {SPAN("h\0i\0 \0y\0o\0u\0!\0!\0"), "a.md", "text/markdown"},
    {SPAN("G\0\1\2\3"), "a.txt", NULL},
    {SPAN("\x89PNG\r\n"), "a.txt", NULL},
    {SPAN("\xFF\xD8\xFF\xE0"), "a.jpg", NULL},
    {SPAN("\x1F\x8B\x08"), "a.txt", NULL},
    {SPAN("7z\xBC\xAF\x27\x1C"), "a.txt", NULL},
    {SPAN("{\\rtf1 hello}"), "a.txt", "application/rtf"},
    {SPAN("%!PS-Adobe"), "a.txt", NULL},
    {SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "a.doc", "application/msword"},
    {SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "a.XLS", "application/vnd.ms-excel"},
    {SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "a.pps", "application/vnd.ms-powerpoint"},
    {SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "a.msg", "application/vnd.ms-outlook"},
    {SPAN("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "a.docx", NULL},
    {SPAN("\xD0\xCF\x11\xE0"), "a.doc", NULL},
    {SPAN("\x09\x04\x06\0\0\0\x10\0\0\0"), "", "application/vnd.ms-excel"},
    {SPAN("\xDB\xA5\x2D\0"), "a.doc", "application/msword"},
    {SPAN("\x7F"
          "ELF"),
     "", NULL},
};

static void known_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = extract_media_type(cases[i].head, span_of(cases[i].name));
        if (!span_eq(span_of(got), span_of(cases[i].media_type)))
            fail_msg("case %zu (%s): %s instead of %s", i, cases[i].name, got ? got : "nothing", cases[i].media_type ? cases[i].media_type : "nothing");
    }
}

/* A package whose names and lengths run past its end. */
static void cut_archives(void **state)
{
    (void)state;
    struct span whole = SPAN(ZIP_HEAD("word/document.xml", "\x11"));
    for (size_t n = 0; n < whole.n; n++)
        extract_media_type((struct span){whole.p, n}, SPAN("a.bin"));
    assert_string_equal(extract_media_type(SPAN(ZIP_HEAD("word/document.xml", "\xFF\xFF")), SPAN("a.bin")), "application/zip");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_kinds), cmocka_unit_test(cut_archives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
