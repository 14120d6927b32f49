/* The rules on SQL text: a tokenizer, the blocks that subqueries make, and in each block every table tied to its tenant.
 *
 * A block is a statement or a subquery without the subqueries in it. A table is tied by `[alias.]tenant_id = $1` among the conditions of its own block,
 * outside any parentheses, where no `or` can undo it; an insert by naming tenant_id first and giving $1 for it. */
#include "sql_rules.h"

#include <ctype.h>
#include <string.h>

enum { TOKENS_MAX = 600, DEPTH_MAX = 16, BLOCKS_MAX = 16, TABLES_MAX = 8, PARAMETERS_MAX = 64 };

struct token {
    struct span text;
    int block; /* which block it belongs to, from 0 */
    int level; /* parentheses open inside its block */
};

struct table {
    struct span name, alias; /* alias.p == NULL: none */
};

struct sql {
    struct token tokens[TOKENS_MAX];
    size_t count;
    int blocks;
};

/* ---- words ---- */

static size_t token_length(const char *p)
{
    size_t n = 1;
    if (*p == '\'') {
        while (p[n] && p[n] != '\'')
            n++;
        return p[n] ? n + 1 : 0;
    }
    if (isalnum((unsigned char)*p) || *p == '_' || *p == '$')
        while (isalnum((unsigned char)p[n]) || p[n] == '_')
            n++;
    else if (strncmp(p, "<>", 2) == 0 || strncmp(p, "<=", 2) == 0 || strncmp(p, ">=", 2) == 0 || strncmp(p, "||", 2) == 0)
        n = 2;
    return n;
}

static bool is(const struct sql *q, size_t i, const char *word)
{
    return i < q->count && span_eq_nocase(q->tokens[i].text, span_of(word));
}

static bool is_one_of(struct span word, const char *const *words)
{
    for (; *words; words++)
        if (span_eq_nocase(word, span_of(*words)))
            return true;
    return false;
}

static bool split(struct sql *q, const char *p)
{
    for (q->count = 0; *p;) {
        if (*p == ' ') {
            p++;
            continue;
        }
        size_t n = token_length(p);
        if (n == 0 || q->count == TOKENS_MAX)
            return false;
        q->tokens[q->count++].text = (struct span){p, n};
        p += n;
    }
    return true;
}

/* Gives each token its block and level; false when the parentheses do not match. */
static bool find_blocks(struct sql *q)
{
    struct {
        int block, level;
    } open[DEPTH_MAX] = {{0, 0}};
    int depth = 0;
    q->blocks = 1;
    for (size_t i = 0; i < q->count; i++) {
        if (is(q, i, ")") && --depth < 0)
            return false;
        q->tokens[i].block = open[depth].block;
        q->tokens[i].level = open[depth].level;
        if (!is(q, i, "("))
            continue;
        if (++depth == DEPTH_MAX || q->blocks == BLOCKS_MAX)
            return false;
        bool subquery = is(q, i + 1, "select");
        open[depth].block = subquery ? q->blocks++ : open[depth - 1].block;
        open[depth].level = subquery ? 0 : open[depth - 1].level + 1;
    }
    return depth == 0;
}

/* ---- rules for every statement ---- */

static const char *forbidden_word(const struct sql *q)
{
    static const char *const words[] = {
        "?",    "now",   "random", "rowid",   "replace", "current_timestamp", "strftime", "merge", "pragma", "ifnull", "offset", "share", "glob", "create",
        "drop", "alter", "with",   "nextval", "union",   "intersect",         "except",   "using", ";",      "--",     "\"",     NULL};
    for (size_t i = 0; i < q->count; i++) {
        if (is_one_of(q->tokens[i].text, words))
            return "a word that the engines do not share, or that the rules forbid";
        if (is(q, i, "for") && is(q, i + 1, "update"))
            return "a lock clause";
    }
    return NULL;
}

static const char *parameter_gap(const struct sql *q)
{
    bool used[PARAMETERS_MAX] = {false};
    int64_t highest = 0, number;
    for (size_t i = 0; i < q->count; i++) {
        struct span word = q->tokens[i].text;
        if (word.p[0] != '$')
            continue;
        if (!span_to_int(span_skip(word, 1), 1, PARAMETERS_MAX - 1, &number))
            return "a parameter that is no number";
        used[number] = true;
        highest = number > highest ? number : highest;
    }
    for (int64_t i = 1; i <= highest; i++)
        if (!used[i])
            return "a parameter that is not used";
    return NULL;
}

static const char *unescaped_like(const struct sql *q)
{
    size_t likes = 0, escapes = 0;
    for (size_t i = 0; i < q->count; i++) {
        likes += is(q, i, "like");
        escapes += is(q, i, "escape");
    }
    return likes == escapes ? NULL : "like without escape";
}

/* ---- tables ---- */

static bool names_table(const struct sql *q, size_t i)
{
    if (is(q, i, "update"))
        return !(i > 0 && is(q, i - 1, "do"));
    return is(q, i, "from") || is(q, i, "join") || is(q, i, "into");
}

static struct span alias_at(const struct sql *q, size_t i)
{
    static const char *const no_alias[] = {"on",    "where", "set",   "join",   "left",      "inner",  "cross",
                                           "order", "group", "limit", "values", "returning", "having", NULL};
    if (i < q->count && isalpha((unsigned char)q->tokens[i].text.p[0]) && !is_one_of(q->tokens[i].text, no_alias))
        return q->tokens[i].text;
    return (struct span){0};
}

/* The tables of a block; false for a form that the rules do not know: a list with commas, a subquery in from. */
static bool find_tables(const struct sql *q, int block, struct table *tables, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i + 1 < q->count; i++) {
        if (q->tokens[i].block != block || !names_table(q, i))
            continue;
        struct table t = {q->tokens[i + 1].text, alias_at(q, i + 2)};
        size_t after = i + (t.alias.p ? 3 : 2);
        if (*count == TABLES_MAX || !isalpha((unsigned char)t.name.p[0]) || is(q, after, ",") || is(q, i + 2, "as"))
            return false;
        tables[(*count)++] = t;
    }
    return true;
}

/* `tenant_id = $1` at token i, qualified by `alias` if that is set and by nothing else if not. */
static bool is_tie(const struct sql *q, size_t i, struct span alias)
{
    if (!is(q, i, "tenant_id") || !is(q, i + 1, "=") || !is(q, i + 2, "$1"))
        return false;
    bool qualified = i > 0 && is(q, i - 1, ".");
    return alias.p ? qualified && i > 1 && span_eq(q->tokens[i - 2].text, alias) : !qualified;
}

static bool is_tied(const struct sql *q, int block, struct span alias)
{
    bool conditions = false, tied = false;
    for (size_t i = 0; i < q->count; i++) {
        if (q->tokens[i].block != block || q->tokens[i].level != 0)
            continue;
        conditions = conditions || is(q, i, "where") || is(q, i, "on");
        if (conditions && (is(q, i, "or") || (is(q, i, "not") && is_tie(q, i + 1, alias))))
            return false;
        tied = tied || (conditions && is_tie(q, i, alias));
    }
    return tied;
}

/* insert into TABLE ( tenant_id … values ( $1 … */
static bool is_tenants_insert(const struct sql *q)
{
    if (!is(q, 1, "into") || !is(q, 3, "(") || !is(q, 4, "tenant_id"))
        return false;
    for (size_t i = 5; i < q->count; i++)
        if (is(q, i, "values"))
            return is(q, i + 1, "(") && is(q, i + 2, "$1") && is(q, i + 3, ",");
    return false;
}

static const char *untied_table(const struct sql *q, int block)
{
    struct table tables[TABLES_MAX];
    size_t count;
    if (!find_tables(q, block, tables, &count))
        return "a list of tables in a form that the check does not know";
    if (block == 0 && is(q, 0, "insert"))
        return count == 1 && is_tenants_insert(q) ? NULL : "an insert that does not begin with tenant_id, $1";
    for (size_t i = 0; i < count; i++) {
        if (count > 1 && !tables[i].alias.p)
            return "a join of a table without an alias";
        if (!is_tied(q, block, tables[i].alias))
            return "a table that is not tied by tenant_id = $1";
    }
    return count == 0 ? "a block without a table" : NULL;
}

static const char *foreign_table(const struct sql *q, int block)
{
    static const char *const allowed[] = {"server_state", "login", "api_key_hash", "tenant_work", "tenant_model", NULL};
    struct table tables[TABLES_MAX];
    size_t count;
    if (!find_tables(q, block, tables, &count))
        return "a list of tables in a form that the check does not know";
    for (size_t i = 0; i < count; i++)
        if (!is_one_of(tables[i].name, allowed))
            return "a lookup in a tenant's table";
    return NULL;
}

const char *sql_fault(enum statement_scope scope, const char *sql)
{
    static const char *const verbs[] = {"select", "insert", "update", "delete", NULL};
    struct sql q;
    if (!split(&q, sql) || !find_blocks(&q) || q.count == 0 || !is_one_of(q.tokens[0].text, verbs))
        return "not one statement of the four kinds";
    const char *fault = forbidden_word(&q);
    fault = fault ? fault : parameter_gap(&q);
    fault = fault ? fault : unescaped_like(&q);
    for (int block = 0; !fault && block < q.blocks; block++)
        fault = scope == STATEMENT_TENANT ? untied_table(&q, block) : foreign_table(&q, block);
    return fault;
}
