/* Rich Text Format: the tokens of a file, and the control words that matter. */
#ifndef EXTRACT_RTF_WORDS_H
#define EXTRACT_RTF_WORDS_H

#include "base/span.h"

enum rtf_token_kind { RTF_OPEN, RTF_CLOSE, RTF_TEXT, RTF_BYTE, RTF_WORD, RTF_END };

/* What a control word does. The parameters of those in the last group are in rtf_token.value. */
enum rtf_action {
    RTF_OTHER,
    RTF_STARRED,   /* \*: the group is of no use to a reader that does not know its word */
    RTF_CHARACTER, /* stands for the code point in value */
    /* Destinations: what the group around them holds. */
    RTF_DROPPED,
    RTF_FONTS,
    RTF_STYLES,
    RTF_NOTE,
    RTF_MARGIN, /* header or footer */
    RTF_LABEL,  /* a list item's number as it was shown */
    RTF_SHOWN,  /* known behind \*, and read */
    /* Ends and beginnings. */
    RTF_PARAGRAPH,
    RTF_PLAIN_PARAGRAPH,
    RTF_PLAIN,
    RTF_CELL,
    RTF_ROW,
    RTF_ROW_BEGIN,
    RTF_ROW_HEADER,
    RTF_IN_TABLE,
    /* With a parameter. */
    RTF_CODEPAGE,
    RTF_FONT,
    RTF_FONT_CHARSET,
    RTF_DEFAULT_FONT,
    RTF_STYLE,
    RTF_OUTLINE,
    RTF_LIST,
    RTF_LIST_LEVEL,
    RTF_HIDDEN,
    RTF_DELETED,
    RTF_BOLD,
    RTF_UNICODE,
    RTF_UNICODE_SKIP,
    RTF_BINARY
};

struct rtf_token {
    enum rtf_token_kind kind;
    struct span text; /* RTF_TEXT: bytes as they are */
    enum rtf_action action;
    int32_t value; /* RTF_BYTE: of \'hh; RTF_WORD: the parameter, or the code point */
    bool valued;   /* a parameter was there */
};

/* Takes the next token off the bytes; RTF_END at the end. */
struct rtf_token rtf_next(struct span *rest);

#endif
