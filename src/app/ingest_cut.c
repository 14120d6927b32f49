/* The blocks of a document → chunks with the terms that they are found by. */
#include <string.h>

#include "app/chunk_vectors.h"
#include "app/ingest_internal.h"
#include "base/utf8.h"
#include "text/chunker.h"
#include "text/words.h"

enum { CHUNK_TOKENS_MIN = 100, CHUNK_TOKENS_MAX = 224, FIELD_WEIGHT = 2, LANGUAGE_SAMPLE_BYTES = 65536, COUNT_SAMPLE_BYTES = 65536 };

/* ---- terms ---- */

struct span ingest_title(struct span filename)
{
    for (size_t n = filename.n; n > 1 && filename.n - n < 6; n--)
        if (filename.p[n - 1] == '.')
            return (struct span){filename.p, n - 1};
    return filename;
}

static struct language document_language(const struct work *w)
{
    struct language language = {""};
    if (w->document.language[0]) {
        memcpy(language.code, w->document.language, sizeof language.code);
        return language;
    }
    return language_detect(utf8_clip(buf_view(&w->text), LANGUAGE_SAMPLE_BYTES));
}

/* Terms of the title and of the headings count as if they stood there FIELD_WEIGHT times (BM25F, Robertson, Zaragoza & Taylor 2004), and take no more room for it. */
static bool weigh_fields(struct span fields, struct language language, struct term *terms, size_t count, struct arena *scratch)
{
    struct term *named;
    size_t named_count;
    uint32_t length;
    if (!words_terms(fields, language, scratch, &named, &named_count, &length))
        return false;
    for (size_t i = 0; i < named_count; i++) {
        for (size_t k = 0; k < count; k++)
            terms[k].count += span_eq(terms[k].word, named[i].word) ? (FIELD_WEIGHT - 1) * named[i].count : 0;
    }
    return true;
}

/* One chunk's row: its terms are those of title, heading path and text. */
static bool make_row(const struct work *w, struct span title, struct language language, const struct chunk *chunk, struct chunk_row *row, struct arena *scratch)
{
    struct buf indexed, encoded;
    buf_init(&indexed, chunk->text.n + chunk->heading.n + title.n + 8);
    buf_init(&encoded, 16 << 20);
    buf_span(&indexed, title);
    buf_char(&indexed, '\n');
    buf_span(&indexed, chunk->heading);
    buf_char(&indexed, '\n');
    size_t fields = indexed.n;
    buf_span(&indexed, chunk->text);
    struct language own = language_detect_or(chunk->text, language);
    struct term *terms;
    size_t count;
    uint32_t length = 0;
    bool ok = !indexed.failed && words_terms(buf_view(&indexed), own, scratch, &terms, &count, &length) &&
              weigh_fields((struct span){indexed.p, fields}, own, terms, count, scratch) && terms_encode(terms, count, &encoded);
    row->chunk = *chunk;
    row->length = length;
    row->terms = ok ? arena_copy(w->arena, buf_view(&encoded)) : (struct span){NULL, 0};
    buf_free(&indexed);
    buf_free(&encoded);
    return row->terms.p != NULL;
}

static bool make_rows(struct work *w)
{
    struct span title = ingest_title(w->document.filename);
    struct language language = document_language(w);
    memcpy(w->document.language, language.code, sizeof w->document.language);
    w->rows = arena_array(w->arena, w->count, sizeof *w->rows);
    struct arena *scratch = arena_new(64 << 20);
    bool ok = w->rows && scratch;
    for (size_t n = 0; ok && n < w->count; n++) {
        arena_reset(scratch);
        ok = make_row(w, title, language, &w->chunks[n], &w->rows[n], scratch);
    }
    arena_free(scratch);
    return ok;
}

/* ---- chunks ---- */

static size_t count_tokens(void *context, struct span text)
{
    struct embed_count count;
    embed_count(context, text, &count);
    return count.tokens;
}

/* Word pieces per word at the front of the document. */
static double foreignness(const struct work *w, const struct embed_model *model)
{
    struct embed_count all = {0};
    for (size_t i = 0, bytes = 0; i < w->result.count && bytes < COUNT_SAMPLE_BYTES; bytes += w->result.blocks[i++].text.n) {
        struct embed_count count;
        embed_count(model, w->result.blocks[i].text, &count);
        all.pieces += count.pieces;
        all.words += count.words;
    }
    return all.words ? (double)all.pieces / (double)all.words : 1;
}

/* The model's own tokens, so that a chunk fits in what it reads, with room for a title: most chunks end at 100 to 200, and only a long paragraph fills one to
 * the bound (parting it at 200 costs cranfield half a point of nDCG). Of a language that the model cuts to shreds such chunks would be a sentence or less, while its
 * vectors count for little there: words, then. */
static struct chunker_options options_for(const struct work *w)
{
    struct chunker_options options = {CHUNK_TOKENS_MIN, CHUNK_TOKENS_MAX, count_tokens_roughly, NULL};
    struct embedder *embedder = w->ingest->app->embedder;
    if (embedder && foreignness(w, embedder_model(embedder)) < FOREIGN_RATIO) {
        options.count = count_tokens;
        options.context = (void *)(uintptr_t)embedder_model(embedder); /* the counter only reads it */
    }
    return options;
}

bool ingest_cut(struct work *w)
{
    struct chunker_options options = options_for(w);
    return chunk_document(w->result.blocks, w->result.count, &options, w->arena, &w->text, &w->chunks, &w->count) && make_rows(w);
}
