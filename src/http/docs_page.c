/* The documentation page: operations of an OpenAPI document with their fields, replies and a curl call each. Reads only the shapes that openapi.json uses. */
#include "http/docs_page.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1d2733;background:#fff}"
    "h1{font-size:1.6rem}h2{font-size:1.1rem;margin-top:2.5rem;border-top:1px solid #d5dbe1;padding-top:1rem}"
    "code,pre{font:14px/1.45 ui-monospace,monospace;background:#f2f5f8;border-radius:4px}code{padding:.1em .3em}pre{padding:.8rem;overflow:auto}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #e6eaee}"
    ".method{font-weight:700;color:#0b5c8f}nav li{list-style:none}nav ul{padding:0}"
    "@media(prefers-color-scheme:dark){body{color:#e3e8ed;background:#14191f}code,pre{background:#222a33}.method{color:#6cb8e6}a{color:#6cb8e6}}";

void docs_page_policy(char *out, size_t size)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256(hash, (const unsigned char *)style, sizeof style - 1);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
    snprintf(out, size, "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", text);
}

/* ---- writing ---- */

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

/* Any value as escaped compact JSON, a string as its text. */
static void put_value(struct buf *page, const json_t *value)
{
    struct buf text;
    buf_init(&text, page->max);
    if (json_is_string(value))
        buf_span(&text, json_text(value));
    else if (value)
        json_write(&text, value);
    put_escaped(page, buf_view(&text));
    page->failed = page->failed || text.failed;
    buf_free(&text);
}

static void put_head(struct buf *page, const char *title)
{
    buf_str(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
    put_escaped(page, span_of(title));
    buf_str(page, "</title><style>");
    buf_str(page, style);
    buf_str(page, "</style></head><body>\n");
}

/* ---- the document ---- */

/* Follows "#/components/kind/name"; anything else is itself. */
static const json_t *resolved(const json_t *root, const json_t *value)
{
    struct span path = json_text(json_object_get(value, "$ref"));
    if (!span_starts(path, SPAN("#/")))
        return value;
    const json_t *at = root;
    struct span rest = span_skip(path, 2), name;
    while (rest.n) {
        span_cut(rest, '/', &name, &rest);
        at = json_object_getn(at, name.p, name.n);
    }
    return at;
}

static void put_link_to_schema(struct buf *page, struct span name)
{
    buf_str(page, "<a href=\"#schema-");
    put_escaped(page, name);
    buf_str(page, "\">");
    put_escaped(page, name);
    buf_str(page, "</a>");
}

/* The name of what a $ref points to, or the value's own type. */
static void put_type(struct buf *page, const json_t *schema)
{
    struct span reference = json_text(json_object_get(schema, "$ref"));
    const json_t *type = json_object_get(schema, "type");
    while (span_find(reference, SPAN("/")) >= 0)
        reference = span_skip(reference, (size_t)span_find(reference, SPAN("/")) + 1);
    if (reference.n)
        put_link_to_schema(page, reference);
    else if (type)
        put_value(page, type);
    else
        buf_str(page, "any");
    if (json_object_get(schema, "items")) {
        buf_str(page, " of ");
        put_type(page, json_object_get(schema, "items"));
    }
}

static bool is_required(const json_t *schema, const char *name)
{
    const json_t *list = json_object_get(schema, "required");
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (span_eq(json_text(json_array_get(list, i)), span_of(name)))
            return true;
    }
    return false;
}

static void put_row(struct buf *page, const char *name, const json_t *schema, bool required, const json_t *description)
{
    buf_str(page, "<tr><td><code>");
    put_escaped(page, span_of(name));
    buf_str(page, "</code></td><td>");
    put_type(page, schema);
    buf_str(page, required ? ", required</td><td>" : "</td><td>");
    put_value(page, description);
    buf_str(page, "</td></tr>\n");
}

static void put_fields(struct buf *page, const json_t *root, const json_t *schema)
{
    const char *name;
    json_t *field;
    schema = resolved(root, schema);
    json_t *properties = json_object_get(schema, "properties");
    if (!properties)
        return;
    buf_str(page, "<table>\n");
    json_object_foreach(properties, name, field)
    {
        const json_t *description = json_object_get(field, "description");
        put_row(page, name, field, is_required(schema, name), description ? description : json_object_get(resolved(root, field), "description"));
    }
    buf_str(page, "</table>\n");
}

static void put_parameters(struct buf *page, const json_t *root, const json_t *operation)
{
    const json_t *list = json_object_get(operation, "parameters");
    if (!json_array_size(list))
        return;
    buf_str(page, "<p>Parameters</p><table>\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *p = resolved(root, json_array_get(list, i));
        put_row(page, json_string_value(json_object_get(p, "name")), json_object_get(p, "schema"), json_is_true(json_object_get(p, "required")),
                json_object_get(p, "description"));
    }
    buf_str(page, "</table>\n");
}

/* The first media type of a request body or reply; *type gets its name. */
static const json_t *first_content(const json_t *holder, const char **type)
{
    void *first = json_object_iter(json_object_get(holder, "content"));
    *type = first ? json_object_iter_key(first) : "";
    return first ? json_object_iter_value(first) : NULL;
}

static void put_curl(struct buf *page, const char *method, const char *path, const json_t *operation, const char *type, const json_t *media)
{
    const json_t *security = json_array_get(json_object_get(operation, "security"), 0);
    buf_printf(page, "<pre>curl -X %s $BASE", method);
    put_escaped(page, span_of(path));
    if (json_object_get(security, "apiKeyAuth"))
        buf_str(page, " \\\n  -H &quot;X-API-Key: $API_KEY&quot;");
    else if (json_object_get(security, "bearerAuth"))
        buf_str(page, " \\\n  -H &quot;Authorization: Bearer $TOKEN&quot;");
    if (!strcmp(type, "multipart/form-data"))
        buf_str(page, " \\\n  -F &quot;file=@company_faq.pdf&quot;");
    else if (media) {
        buf_str(page, " \\\n  -H &quot;Content-Type: application/json&quot; \\\n  -d '");
        put_value(page, json_object_get(media, "example"));
        buf_char(page, '\'');
    }
    buf_str(page, "</pre>\n");
}

static void put_replies(struct buf *page, const json_t *root, const json_t *operation)
{
    const char *status, *type;
    json_t *reply;
    buf_str(page, "<p>Replies</p><table>\n");
    json_object_foreach(json_object_get(operation, "responses"), status, reply)
    {
        const json_t *r = resolved(root, reply);
        const json_t *media = first_content(r, &type);
        put_row(page, status, media ? json_object_get(media, "schema") : NULL, false, json_object_get(r, "description"));
    }
    buf_str(page, "</table>\n");
    json_object_foreach(json_object_get(operation, "responses"), status, reply)
    {
        const json_t *media = first_content(resolved(root, reply), &type);
        if (*status != '2' || !media)
            continue;
        buf_printf(page, "<p>Reply %s</p>\n", status);
        put_fields(page, root, json_object_get(media, "schema"));
    }
}

static void put_operation(struct buf *page, const json_t *root, const char *method, const char *path, const json_t *operation)
{
    const char *type;
    const json_t *media = first_content(json_object_get(operation, "requestBody"), &type);
    buf_str(page, "<h2 id=\"");
    put_value(page, json_object_get(operation, "operationId"));
    buf_printf(page, "\"><span class=\"method\">%s</span> ", method);
    put_escaped(page, span_of(path));
    buf_str(page, "</h2>\n<p>");
    put_value(page, json_object_get(operation, "description"));
    buf_str(page, "</p>\n");
    put_parameters(page, root, operation);
    if (media) {
        buf_printf(page, "<p>Body, <code>%s</code></p>\n", type);
        put_fields(page, root, json_object_get(media, "schema"));
    }
    put_curl(page, method, path, operation, type, media);
    put_replies(page, root, operation);
}

typedef void put_one(struct buf *page, const json_t *root, const char *method, const char *path, const json_t *operation);

static void put_link(struct buf *page, const json_t *root, const char *method, const char *path, const json_t *operation)
{
    (void)root;
    buf_str(page, "<li><a href=\"#");
    put_value(page, json_object_get(operation, "operationId"));
    buf_printf(page, "\"><code>%s ", method);
    put_escaped(page, span_of(path));
    buf_str(page, "</code></a> ");
    put_value(page, json_object_get(operation, "summary"));
    buf_str(page, "</li>\n");
}

static void each_operation(struct buf *page, const json_t *root, put_one *put)
{
    static const char *const methods[][2] = {{"get", "GET"}, {"post", "POST"}, {"put", "PUT"}, {"patch", "PATCH"}, {"delete", "DELETE"}};
    const char *path;
    json_t *item;
    json_object_foreach(json_object_get(root, "paths"), path, item)
    {
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
            const json_t *operation = json_object_get(item, methods[i][0]);
            if (operation)
                put(page, root, methods[i][1], path, operation);
        }
    }
}

static void put_schemas(struct buf *page, const json_t *root)
{
    const char *name;
    json_t *schema;
    json_object_foreach(json_object_get(json_object_get(root, "components"), "schemas"), name, schema)
    {
        buf_str(page, "<h2 id=\"schema-");
        put_escaped(page, span_of(name));
        buf_str(page, "\">");
        put_escaped(page, span_of(name));
        buf_str(page, "</h2>\n<p>");
        put_value(page, json_object_get(schema, "description"));
        buf_str(page, "</p>\n");
        put_fields(page, root, schema);
    }
}

void docs_page_write(struct buf *page, struct span openapi)
{
    char why[200];
    json_t *root = json_read(openapi, why, sizeof why);
    if (!root)
        page->failed = true;
    const json_t *info = json_object_get(root, "info");
    put_head(page, "Chatifix API");
    buf_str(page, "<h1>");
    put_value(page, json_object_get(info, "title"));
    buf_char(page, ' ');
    put_value(page, json_object_get(info, "version"));
    buf_str(page, "</h1>\n<p>");
    put_value(page, json_object_get(info, "description"));
    buf_str(page, "</p>\n<p>The same for programs: <a href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p>\n<nav><ul>\n");
    each_operation(page, root, put_link);
    buf_str(page, "</ul></nav>\n");
    each_operation(page, root, put_operation);
    put_schemas(page, root);
    buf_str(page, "</body></html>\n");
    json_decref(root);
}

void docs_page_error(struct buf *page, const struct error_type *type, const char *title)
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
