/* TeX's fonts of symbols (CMSY, encoding OMS) and of large ones (CMEX, OMX). Their glyphs have names such as "prime", "bardbl" or "negationslash" that
 * are on no list of PDFium, which gives the code of the character instead: a digit or a letter that the font does not have. */
#include "extract/pdf_tex.h"

enum pdf_tex_font pdf_tex_font(struct span name)
{
    ptrdiff_t plus = span_find(name, SPAN("+"));
    if (plus >= 0)
        name = span_skip(name, (size_t)plus + 1);
    if (span_starts(name, SPAN("CMSY")) || span_starts(name, SPAN("CMBSY")))
        return PDF_TEX_SYMBOLS;
    return span_starts(name, SPAN("CMEX")) ? PDF_TEX_EXTENSION : PDF_TEX_NONE;
}

/* Of the codes from '0' to '~' in CMSY; 0 where the code's own character is right, as for the capital letters. "not equal" is a slash over the next
 * character, "maps to" a bar before an arrow: both are left out. */
static const uint16_t symbols['~' - '0' + 1] = {
    ['0' - '0'] = 0x2032, ['1' - '0'] = 0x221E, ['2' - '0'] = 0x2208, ['3' - '0'] = 0x220B, ['4' - '0'] = 0x25B3, ['5' - '0'] = 0x25BD,
    ['8' - '0'] = 0x2200, ['9' - '0'] = 0x2203, ['@' - '0'] = 0x2135, ['`' - '0'] = 0x22A2, ['a' - '0'] = 0x22A3, ['b' - '0'] = 0x230A,
    ['c' - '0'] = 0x230B, ['d' - '0'] = 0x2308, ['e' - '0'] = 0x2309, ['f' - '0'] = '{',    ['g' - '0'] = '}',    ['h' - '0'] = 0x27E8,
    ['i' - '0'] = 0x27E9, ['j' - '0'] = '|',    ['k' - '0'] = 0x2225, ['l' - '0'] = 0x2195, ['m' - '0'] = 0x21D5, ['n' - '0'] = '\\',
    ['o' - '0'] = 0x2240, ['p' - '0'] = 0x221A, ['q' - '0'] = 0x2210, ['r' - '0'] = 0x2207, ['s' - '0'] = 0x222B, ['t' - '0'] = 0x2294,
    ['u' - '0'] = 0x2293, ['v' - '0'] = 0x2291, ['w' - '0'] = 0x2292, ['x' - '0'] = 0xA7,   ['y' - '0'] = 0x2020, ['z' - '0'] = 0x2021,
};

static uint32_t symbol(uint32_t c)
{
    if (c == '6' || c == '7')
        return 0;
    return c >= '0' && c <= '~' && symbols[c - '0'] ? symbols[c - '0'] : c;
}

/* Operators come twice, small and large; what is no operator is part of a bracket or root. */
static uint32_t large_symbol(uint32_t c)
{
    static const uint16_t small[] = {0x2211, 0x220F, 0x222B, 0x22C3, 0x22C2, 0x228E, 0x22C0, 0x22C1}; /* from 'P' */
    if (c >= 'P' && c <= 'W')
        return small[c - 'P'];
    if (c >= 'X' && c <= '_')
        return small[c - 'X'];
    return c >= 'p' && c <= 't' ? 0x221A : c < 0x80 ? 0 : c;
}

uint32_t pdf_tex_character(enum pdf_tex_font font, uint32_t c)
{
    return font == PDF_TEX_SYMBOLS ? symbol(c) : font == PDF_TEX_EXTENSION ? large_symbol(c) : c;
}
