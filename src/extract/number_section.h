/* One section of a number format code, cut into tokens; shared by the number and the date half of the formatter. */
#ifndef EXTRACT_NUMBER_SECTION_H
#define EXTRACT_NUMBER_SECTION_H

#include "extract/number_format.h"

enum number_token_kind {
    TOKEN_LITERAL, /* text as it stands */
    TOKEN_DIGIT,   /* '0', '#' or '?' */
    TOKEN_POINT,
    TOKEN_COMMA,
    TOKEN_PERCENT,
    TOKEN_EXPONENT, /* "E+" or "E-" */
    TOKEN_SLASH,
    TOKEN_TEXT,    /* "@" */
    TOKEN_DATE,    /* a run of one of y m d h s, or g e b of eras */
    TOKEN_ELAPSED, /* "[h]", "[mm]", "[s]" */
    TOKEN_HALF,    /* "AM/PM" or "A/P" */
    TOKEN_GENERAL
};

struct number_token {
    enum number_token_kind kind;
    struct span text;
};

struct number_section {
    struct number_token tokens[NUMBER_FORMAT_MAX];
    size_t count;
    bool conditional; /* "[>=100]" */
    char relation[3]; /* "<", "<=", "=", ">=", ">" or "<>" */
    double bound;
    bool is_date, has_digits, has_general, has_text;
};

/* Cuts the first section off *code and reads it; false when nothing is left. */
bool number_section_next(struct span *code, struct number_section *s);
/* Appends a date or time; the section is_date. */
void number_date_put(struct buf *to, const struct number_section *s, double value, bool date1904);

#endif
