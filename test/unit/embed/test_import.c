/* Folders of published models: all ways to write one down give the same weight file, and what the encoder cannot do is refused by its field and value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "embed/encoder.h"
#include "model_world.h"

static const char *const pieces[] = {"[PAD]", "[UNK]", "[CLS]",  "[SEP]", "garden", "un",    "##known", "##k",
                                     "a",     ".",     "Garden", "cafe",  "café",   "query", ":",       "##s"};
enum { PIECES = sizeof pieces / sizeof *pieces };
static char why[512];
static const char *folder;

#define CONFIG                                                                                                                                                 \
    "{\"model_type\":\"bert\",\"hidden_act\":\"gelu\",\"hidden_size\":384,\"num_attention_heads\":12,\"num_hidden_layers\":1,\"intermediate_size\":128,"       \
    "\"max_position_embeddings\":512,\"vocab_size\":16,\"layer_norm_eps\":1e-12,\"type_vocab_size\":2,\"position_embedding_type\":\"absolute\","               \
    "\"torch_dtype\":\"float32\",\"use_cache\":true,\"model_max_length\":1000000000000000019884624838656}"
#define POOLING(cls, mean)                                                                                                                                     \
    "{\"word_embedding_dimension\":384,\"pooling_mode_cls_token\":" cls ",\"pooling_mode_mean_tokens\":" mean                                                  \
    ",\"pooling_mode_max_tokens\":false,\"pooling_mode_mean_sqrt_len_tokens\":false,\"pooling_mode_weightedmean_tokens\":false,\"pooling_mode_lasttoken\":"    \
    "false}"
#define NORMALIZER "{\"type\":\"BertNormalizer\",\"clean_text\":true,\"handle_chinese_chars\":true,\"strip_accents\":null,\"lowercase\":true}"
#define POST                                                                                                                                                   \
    "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"[CLS]\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},"            \
    "{\"SpecialToken\":{\"id\":\"[SEP]\",\"type_id\":0}}]}"
#define VOCABULARY                                                                                                                                             \
    "{\"[PAD]\":0,\"[UNK]\":1,\"[CLS]\":2,\"[SEP]\":3,\"garden\":4,\"un\":5,\"##known\":6,\"##k\":7,\"a\":8,\".\":9,\"Garden\":10,\"cafe\":11,\"caf\\u00e9\":" \
    "12,"                                                                                                                                                      \
    "\"query\":13,\":\":14,\"##s\":15}"
#define TOKENIZER_OF(normalizer, pre, post, added, vocabulary)                                                                                                 \
    "{\"truncation\":null,\"added_tokens\":" added ",\"normalizer\":" normalizer ",\"pre_tokenizer\":" pre ",\"post_processor\":" post                         \
    ",\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,\"vocab\":" vocabulary   \
    "}}"
#define PRE "{\"type\":\"BertPreTokenizer\"}"
#define ADDED "[{\"id\":2,\"special\":true,\"content\":\"[CLS]\"}]"
#define TOKENIZER TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, VOCABULARY)

static const struct world_shape small = {1, 128, 512, "", "F32", "weight", "bias"};

static void put(const char *name, const char *text)
{
    world_file(name, span_of(text));
}

/* A folder of the tensors and vocab.txt, and what a test adds to it. */
static int fresh(void **state)
{
    (void)state;
    folder = world_source(pieces, PIECES);
    assert_int_equal(mkdir(world_path("1_Pooling"), 0700), 0);
    world_tensors(&small, PIECES);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    world_clean();
    return 0;
}

static void imports(void)
{
    why[0] = '\0';
    if (!embed_import(folder, world_path("model.cfx"), why, sizeof why))
        fail_msg("%s", why);
}

static struct embed_model *imported(void)
{
    imports();
    struct embed_model *m = embed_open(world_path("model.cfx"), why, sizeof why);
    if (!m)
        fail_msg("%s", why);
    return m;
}

static void refused(const char *says)
{
    unlink(world_path("model.cfx"));
    why[0] = '\0';
    if (embed_import(folder, world_path("model.cfx"), why, sizeof why))
        fail_msg("taken, though %s", says);
    if (!strstr(why, says))
        fail_msg("\"%s\" does not say \"%s\"", why, says);
    assert_int_not_equal(access(world_path("model.cfx"), F_OK), 0);
}

static struct buf slurp(const char *name)
{
    struct buf b;
    char part[4096];
    FILE *f = fopen(world_path(name), "rb");
    assert_non_null(f);
    buf_init(&b, 64 << 20);
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_put(&b, part, n);
    fclose(f);
    return b;
}

/* ---- the same model, written down differently ---- */

static void same_as(const struct buf *expected, const char *what)
{
    imports();
    struct buf now = slurp("model.cfx");
    if (!span_eq(buf_view(expected), buf_view(&now)))
        fail_msg("%s makes another weight file", what);
    buf_free(&now);
}

static void all_forms_are_one(void **state)
{
    (void)state;
    imports();
    struct buf plain = slurp("model.cfx");
    struct world_shape shape = small;
    shape.type = "F16";
    world_tensors(&shape, PIECES);
    same_as(&plain, "F16");
    shape.type = "BF16";
    shape.prefix = "bert.";
    world_tensors(&shape, PIECES);
    same_as(&plain, "BF16 under bert.");
    shape = (struct world_shape){1, 128, 512, "0.auto_model.", "F32", "gamma", "beta"};
    world_tensors(&shape, PIECES);
    same_as(&plain, "another prefix with gamma and beta");
    put("config.json", CONFIG);
    put("1_Pooling/config.json", POOLING("false", "true"));
    put("modules.json", "[{\"type\":\"sentence_transformers.models.Transformer\"},{\"type\":\"sentence_transformers.models.Pooling\"},"
                        "{\"type\":\"sentence_transformers.models.Normalize\"}]");
    put("sentence_bert_config.json", "{\"max_seq_length\":512,\"do_lower_case\":false}");
    put("config_sentence_transformers.json", "{\"prompts\":{},\"default_prompt_name\":null}");
    put("tokenizer_config.json",
        "{\"do_lower_case\":true,\"strip_accents\":null,\"tokenize_chinese_chars\":true,\"model_max_length\":1000000000000000019884624838656}");
    same_as(&plain, "a folder that says what is taken for granted");
    put("tokenizer.json", TOKENIZER);
    unlink(world_path("vocab.txt"));
    same_as(&plain, "tokenizer.json");
    put("tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, "{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}", ADDED, VOCABULARY));
    same_as(&plain, "the older form of tokenizer.json");
    buf_free(&plain);
}

/* ---- what a model may ask for ---- */

static void layers_and_widths_are_those_of_the_tensors(void **state)
{
    (void)state;
    const struct world_shape shape = {3, 192, 512, "", "F32", "weight", "bias"};
    world_tensors(&shape, PIECES + 5);
    struct embed_model *m = imported();
    assert_int_equal(m->weights.layers, 3);
    assert_int_equal(m->weights.header->inner, 192);
    assert_int_equal(m->weights.header->pieces, PIECES);
    assert_memory_equal(embed_name(m), "bert-l3-384/int8/", 17);
    embed_close(m);
}

static size_t ids_of(const struct embed_model *m, enum embed_role role, const char *text, uint32_t ids[EMBED_TOKENS_MAX])
{
    return embed_tokens(m, role, span_of(text), ids);
}

static void texts_are_as_long_as_the_model_says(void **state)
{
    (void)state;
    uint32_t ids[EMBED_TOKENS_MAX];
    char text[2 * EMBED_TOKENS_MAX * 2 + 1];
    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = i % 2 ? ' ' : 'a';
    text[sizeof text - 1] = '\0';
    put("sentence_bert_config.json", "{\"max_seq_length\":128}");
    struct embed_model *m = imported();
    assert_int_equal(embed_room(m), 126);
    assert_int_equal(ids_of(m, EMBED_PASSAGE, text, ids), 128);
    assert_int_equal(ids[127], 3);
    embed_close(m);
    unlink(world_path("sentence_bert_config.json"));
    struct world_shape shape = small;
    shape.positions = 100;
    world_tensors(&shape, PIECES);
    m = imported();
    assert_int_equal(embed_room(m), 98);
    embed_close(m);
}

static void capitals_and_accents_stay_where_they_shall(void **state)
{
    (void)state;
    static const struct {
        const char *config, *tokenizer;
        uint32_t ids[4]; /* of "Garden gardenk café" */
    } cases[] = {
        {"{}", TOKENIZER, {4, 4, 7, 11}},
        {"{\"do_lower_case\":false}", TOKENIZER_OF("{\"type\":\"BertNormalizer\",\"lowercase\":false}", PRE, POST, ADDED, VOCABULARY), {10, 4, 7, 12}},
        {"{\"do_lower_case\":true,\"strip_accents\":false}",
         TOKENIZER_OF("{\"type\":\"BertNormalizer\",\"lowercase\":true,\"strip_accents\":false}", PRE, POST, ADDED, VOCABULARY),
         {4, 4, 7, 12}},
        {"{\"do_lower_case\":false,\"strip_accents\":true}",
         TOKENIZER_OF("{\"type\":\"BertNormalizer\",\"lowercase\":false,\"strip_accents\":true}", PRE, POST, ADDED, VOCABULARY),
         {10, 4, 7, 11}},
    };
    uint32_t ids[EMBED_TOKENS_MAX];
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        put(i % 2 ? "tokenizer.json" : "tokenizer_config.json", i % 2 ? cases[i / 2].tokenizer : cases[i / 2].config);
        struct embed_model *m = imported();
        assert_int_equal(ids_of(m, EMBED_PASSAGE, "Garden gardenk café", ids), 6);
        assert_memory_equal(ids + 1, cases[i / 2].ids, sizeof cases[0].ids);
        embed_close(m);
        unlink(world_path("tokenizer.json"));
    }
    put("tokenizer_config.json", "{\"do_lower_case\":false}");
    put("sentence_bert_config.json", "{\"do_lower_case\":true}");
    struct embed_model *m = imported();
    ids_of(m, EMBED_PASSAGE, "GARDEN café", ids);
    assert_int_equal(ids[1], 4);
    assert_int_equal(ids[2], 12);
    embed_close(m);
}

static void texts_are_headed_by_prompts(void **state)
{
    (void)state;
    uint32_t ids[EMBED_TOKENS_MAX];
    put("config_sentence_transformers.json", "{\"prompts\":{\"query\":\"query: \",\"passage\":\"garden. \",\"other\":\"a\"},\"default_prompt_name\":null}");
    struct embed_model *m = imported();
    static const uint32_t asked[] = {2, 13, 14, 8, 3}, told[] = {2, 4, 9, 8, 3};
    assert_int_equal(ids_of(m, EMBED_QUESTION, "a", ids), 5);
    assert_memory_equal(ids, asked, sizeof asked);
    assert_int_equal(ids_of(m, EMBED_PASSAGE, "a", ids), 5);
    assert_memory_equal(ids, told, sizeof told);
    assert_int_equal(embed_room(m), EMBED_TOKENS_MAX - 2 - 2);
    embed_close(m);
    put("config_sentence_transformers.json", "{\"prompts\":{\"query\":\"query: \",\"all\":\"a \"},\"default_prompt_name\":\"all\"}");
    m = imported();
    assert_int_equal(ids_of(m, EMBED_PASSAGE, "garden", ids), 4);
    assert_int_equal(ids[1], 8);
    embed_close(m);
}

/* What the encoder leaves of each token, made into a vector here. */
static void pooled(const struct embed_model *m, bool cls)
{
    struct embed_scratch *s = embed_scratch_new(m);
    struct embed_vector v;
    embed_texts(m, s, EMBED_PASSAGE, &SPAN("garden a unknown."), 1, &v);
    float expected[WIDTH] = {0}, square = 0, product = 0, length = 0;
    for (size_t token = 0; token < (cls ? 1 : s->lengths[0]); token++)
        for (size_t i = 0; i < WIDTH; i++)
            expected[i] += s->x[token][i];
    for (size_t i = 0; i < WIDTH; i++) {
        square += expected[i] * expected[i];
        product += expected[i] * (float)v.values[i];
        length += (float)(v.values[i] * v.values[i]);
    }
    assert_int_equal(s->lengths[0], 7);
    assert_true(product * product / (square * length) > 0.9995f);
    embed_scratch_free(s);
}

static void the_first_token_or_the_mean_counts(void **state)
{
    (void)state;
    struct embed_model *m = imported();
    pooled(m, false);
    embed_close(m);
    static const char *const cls[] = {POOLING("true", "false"), "{\"pooling_mode\":\"cls\"}"};
    for (size_t i = 0; i < 2; i++) {
        put("1_Pooling/config.json", cls[i]);
        m = imported();
        pooled(m, true);
        embed_close(m);
    }
    put("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\":false,\"pooling_mode_mean_sqrt_len_tokens\":true}");
    m = imported();
    pooled(m, false);
    embed_close(m);
}

static void eps_is_kept(void **state)
{
    (void)state;
    put("config.json", "{\"layer_norm_eps\":1e-5}");
    struct embed_model *m = imported();
    assert_true(m->weights.embedded.eps > 0.9e-5f && m->weights.embedded.eps < 1.1e-5f && m->weights.layer[0].fed.eps > 0.9e-5f);
    embed_close(m);
    put("config.json", "{\"layer_norm_eps\":1e-12}");
    m = imported();
    assert_true(m->weights.layer[0].fed.eps > 0.9e-12f && m->weights.layer[0].fed.eps < 1.1e-12f);
    embed_close(m);
}

/* Random weights point no way in particular; with one large bias behind everything all vectors are nearly one. */
static void nearness_of_strangers_is_measured(void **state)
{
    (void)state;
    struct buf source = slurp("model.safetensors");
    const float bias = 50;
    memcpy(source.p + source.n - 4, &bias, sizeof bias); /* the last value of the last norm's bias */
    world_file("model.safetensors", buf_view(&source));
    struct embed_model *m = imported();
    assert_true(embed_unlike(m) > 0.85f && embed_unlike(m) < 0.95f);
    embed_close(m);
    buf_free(&source);
}

/* ---- what is refused ---- */

static void fields_are_refused_by_name_and_value(void **state)
{
    (void)state;
    static const struct {
        const char *file, *text, *says;
    } cases[] = {
        {"config.json", "{\"model_type\":\"roberta\"}", "config.json: model_type is roberta; only bert is supported."},
        {"config.json", "{\"hidden_act\":\"gelu_new\"}", "hidden_act is gelu_new; only gelu is supported"},
        {"config.json", "{\"hidden_size\":768}", "hidden_size is 768; only 384 is supported"},
        {"config.json", "{\"num_attention_heads\":6}", "num_attention_heads is 6; only 12 is supported"},
        {"config.json", "{\"intermediate_size\":3072}", "intermediate_size is 3072; only a multiple of 64 from 64 to 1536"},
        {"config.json", "{\"intermediate_size\":100}", "intermediate_size is 100"},
        {"config.json", "{\"intermediate_size\":192}", "intermediate_size is 192, but the tensors have 128"},
        {"config.json", "{\"num_hidden_layers\":48}", "num_hidden_layers is 48"},
        {"config.json", "{\"num_hidden_layers\":2}", "num_hidden_layers is 2, but the tensors have 1"},
        {"config.json", "{\"vocab_size\":30522}", "vocab_size is 30522, but the tensors have 16"},
        {"config.json", "{\"vocab_size\":\"many\"}", "vocab_size is many"},
        {"config.json", "{\"max_position_embeddings\":32}", "max_position_embeddings is 32"},
        {"config.json", "{\"position_embedding_type\":\"relative_key\"}", "position_embedding_type is relative_key"},
        {"config.json", "{\"layer_norm_eps\":0.1}", "layer_norm_eps is 0.1; only a number up to 0.001"},
        {"config.json", "{\"layer_norm_eps\":-1}", "layer_norm_eps is -1"},
        {"config.json", "{\"is_decoder\":true}", "is_decoder is true"},
        {"config.json", "{", "config.json is no JSON"},
        {"modules.json", "[{\"type\":\"sentence_transformers.models.Dense\"}]", "modules.json: type is sentence_transformers.models.Dense; only"},
        {"1_Pooling/config.json", POOLING("true", "true"), "are both true"},
        {"1_Pooling/config.json", POOLING("false", "false"), "are both false"},
        {"1_Pooling/config.json", "{\"pooling_mode_max_tokens\":true}", "pooling_mode_max_tokens is true; only false"},
        {"1_Pooling/config.json", "{\"pooling_mode\":\"lasttoken\"}", "pooling_mode is lasttoken; only mean or cls"},
        {"1_Pooling/config.json", "{\"word_embedding_dimension\":768}", "word_embedding_dimension is 768"},
        {"sentence_bert_config.json", "{\"max_seq_length\":16}", "max_seq_length is 16"},
        {"config_sentence_transformers.json", "{\"prompts\":{\"query\":\"query\"}}", "the prompt \"query\" is not supported"},
        {"tokenizer_config.json", "{\"tokenize_chinese_chars\":false}", "tokenize_chinese_chars is false"},
        {"tokenizer_config.json", "{\"cls_token\":\"<s>\"}", "cls_token is <s>"},
        {"tokenizer.json", "{\"model\":{\"type\":\"Unigram\"}}", "tokenizer.json: model.type is Unigram; only WordPiece"},
        {"tokenizer.json", "{\"model\":{\"type\":\"WordPiece\"}}", "normalizer.type is missing; only BertNormalizer"},
        {"tokenizer.json", TOKENIZER_OF("{\"type\":\"Lowercase\"}", PRE, POST, ADDED, VOCABULARY), "normalizer.type is Lowercase"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, "{\"type\":\"Whitespace\"}", POST, ADDED, VOCABULARY), "pre_tokenizer.type is Whitespace"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, "null", ADDED, VOCABULARY), "post_processor.type is missing"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}}]}", ADDED, VOCABULARY),
         "post_processor.single.0.SpecialToken.id is missing"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, "[{\"special\":false,\"content\":\"<date>\"}]", VOCABULARY), "\"<date>\", which is not special"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, "{}"), "has no pieces"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, "{\"a\":0,\"b\":0}"), "the id of \"b\" is none, or another piece's"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, "{\"a\":-1}"), "the id of \"a\""},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, "{\"a\":1e30}"), "the id of \"a\""},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, "{\"a\":0,\"b\":1}"), "[CLS] is missing in the vocabulary"},
        {"tokenizer.json", TOKENIZER_OF(NORMALIZER, PRE, POST, ADDED, "{\"a\":0,\"b\":99}"), "has 16 rows; the vocabulary has 100 pieces"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(cases[i].file, cases[i].text);
        refused(cases[i].says);
        unlink(world_path(cases[i].file));
    }
    imports();
}

static void damaged(struct buf *source, size_t n, const char *says)
{
    world_file("model.safetensors", (struct span){source->p, n});
    refused(says);
}

static void swapped(struct buf *source, const char *from, const char *to, const char *says)
{
    ptrdiff_t at = span_find(buf_view(source), span_of(from));
    assert_true(at > 0 && strlen(from) == strlen(to));
    memcpy(source->p + at, to, strlen(to));
    damaged(source, source->n, says);
    memcpy(source->p + at, from, strlen(from));
}

static void bad_tensors_are_refused(void **state)
{
    (void)state;
    struct buf source = slurp("model.safetensors");
    damaged(&source, 0, "it is empty");
    damaged(&source, 5, "no safetensors header");
    damaged(&source, 200, "no safetensors header");
    damaged(&source, source.n / 2, "is missing or cut short");
    swapped(&source, "\"F32\"", "\"F64\"", "word_embeddings.weight is of a type that is not supported");
    swapped(&source, "\"F32\"", "\"F16\"", "word_embeddings.weight is missing");
    swapped(&source, "[128,384]", "[384,128]", "intermediate.dense.weight has the shape [384, 128]");
    swapped(&source, "\"shape\":[384,384]", "\"shape\":[192,768]", "query.weight has the shape [192, 768]; only [384, 384] is supported");
    swapped(&source, "\"data_offsets\":[0,", "\"data_offsets\":[1,", "missing");
    swapped(&source, "attention.self.key.bias", "attention.self.kex.bias", "attention.self.key.bias is missing");
    memcpy(source.p + source.n - 4, "\0\0\xc0\x7f", 4); /* NaN */
    damaged(&source, source.n, "no finite number or above 10000");
    memcpy(source.p + source.n - 4, &(float){20000}, 4);
    damaged(&source, source.n, "no finite number or above 10000");
    memset(source.p, 0xFF, 8);
    damaged(&source, source.n, "no safetensors header");
    buf_free(&source);
    const struct world_shape deep = {25, 64, 64, "", "F16", "weight", "bias"}, wide = {1, 1600, 64, "", "F16", "weight", "bias"},
                             few = {1, 64, 32, "", "F16", "weight", "bias"};
    world_tensors(&deep, PIECES);
    refused("more than 24 layers");
    world_tensors(&wide, PIECES);
    refused("has 1600 rows; only multiples of 64 up to 1536");
    world_tensors(&few, PIECES);
    refused("has 32 rows; at least 64");
}

static void missing_files_are_told(void **state)
{
    (void)state;
    put("config_sentence_transformers.json", "{\"prompts\":{\"query\":\"a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a \"}}");
    put("sentence_bert_config.json", "{\"max_seq_length\":64}");
    refused("leaves no room");
    unlink(world_path("sentence_bert_config.json"));
    unlink(world_path("vocab.txt"));
    refused("neither vocab.txt nor tokenizer.json");
    put("vocab.txt", "");
    refused("vocab.txt cannot be read: it is empty");
    put("vocab.txt", "a\n");
    refused("[CLS] is missing");
    unlink(world_path("model.safetensors"));
    refused("model.safetensors cannot be read: No such file");
    assert_false(embed_import(world_path("no-such"), world_path("model.cfx"), why, sizeof why));
}

/* ---- where it is written ---- */

static void only_files_are_replaced(void **state)
{
    (void)state;
    struct stat before, after;
    assert_int_equal(mkfifo(world_path("pipe"), 0600), 0);
    put("target", "kept");
    assert_int_equal(symlink("target", world_path("link")), 0);
    static const char *const names[] = {"pipe", "link", "1_Pooling"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(lstat(world_path(names[i]), &before), 0);
        assert_false(embed_import(folder, world_path(names[i]), why, sizeof why));
        assert_non_null(strstr(why, "is no file, so it is not replaced"));
        assert_false(embed_import_e5(world_path("model.safetensors"), world_path(names[i]), why, sizeof why));
        assert_non_null(strstr(why, "is no file, so it is not replaced"));
        assert_int_equal(lstat(world_path(names[i]), &after), 0);
        assert_true(before.st_ino == after.st_ino && before.st_mode == after.st_mode);
    }
    struct buf target = slurp("target");
    assert_true(span_eq(buf_view(&target), SPAN("kept")));
    buf_free(&target);
    assert_false(embed_import(folder, world_path("no/such/folder"), why, sizeof why));
    assert_non_null(strstr(why, "cannot be written: No such file"));
    put("model.cfx", "old");
    imports();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_forms_are_one),
        TEST(layers_and_widths_are_those_of_the_tensors),
        TEST(texts_are_as_long_as_the_model_says),
        TEST(capitals_and_accents_stay_where_they_shall),
        TEST(texts_are_headed_by_prompts),
        TEST(the_first_token_or_the_mean_counts),
        TEST(eps_is_kept),
        TEST(nearness_of_strangers_is_measured),
        TEST(fields_are_refused_by_name_and_value),
        TEST(bad_tensors_are_refused),
        TEST(missing_files_are_told),
        TEST(only_files_are_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
