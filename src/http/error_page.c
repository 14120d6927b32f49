/* The page about one type of error. */
#include "http/error_page.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1d2733;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2.5rem;border-top:1px solid #d5dbe1;padding-top:1rem}"
    "code,pre{font:14px/1.45 ui-monospace,monospace;background:#f2f5f8;border-radius:4px}code{padding:.1em .3em}pre{padding:.8rem;overflow:auto}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #e6eaee}"
    ".method{font-weight:700;color:#0b5c8f}nav li{list-style:none}nav ul{padding:0}"
    "@media(prefers-color-scheme:dark){body{color:#e3e8ed;background:#14191f}code,pre{background:#222a33}.method{color:#6cb8e6}a{color:#6cb8e6}}";

void error_page_policy(char *out, size_t size)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)style, sizeof style - 1);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, size, "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", text);
}

static void put_escaped(struct buf *page, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '<':
            buf_str(page, "&lt;");
            break;
        case '>':
            buf_str(page, "&gt;");
            break;
        case '&':
            buf_str(page, "&amp;");
            break;
        case '"':
            buf_str(page, "&quot;");
            break;
        default:
            buf_char(page, s.p[i]);
        }
    }
}

static void put_head(struct buf *page, const char *title)
{
    buf_str(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
    put_escaped(page, span_of(title));
    buf_str(page, "</title><style>");
    buf_str(page, style);
    buf_str(page, "</style></head><body>\n");
}

void error_page_write(struct buf *page, const struct error_type *type, const char *title)
{
    put_head(page, title);
    buf_printf(page, "<h1>%d ", type->status);
    put_escaped(page, span_of(title));
    buf_str(page, "</h1>\n<p><code>/errors/");
    put_escaped(page, span_of(type->slug));
    buf_str(page, "</code></p>\n<p>");
    put_escaped(page, span_of(type->explanation));
    buf_str(page, "</p>\n<p><a href=\"/docs\">All calls</a></p>\n</body></html>\n");
}
