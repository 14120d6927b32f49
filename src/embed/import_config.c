/* What the files beside the tensors say: read where the encoder can do it, refused by field and value where it cannot. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "embed/import_internal.h"

enum { FILE_BYTES_MAX = 64 << 20, VALUE_MAX = 80, PATH_MAX_BYTES = 64 };

/* ---- reading ---- */

/* NULL where there is no such file. Whole numbers are read as reals: some are larger than any integer. */
static json_t *load(struct import *im, const struct span files[IMPORT_FILES], enum import_file file)
{
    struct span text = files[file];
    if (!text.p || im->failed)
        return NULL;
    json_t *value = text.n <= FILE_BYTES_MAX ? json_loadb(text.p, text.n, JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!value)
        import_fail(im, "%s is no JSON, or too large.", import_file_names[file]);
    return value;
}

/* The value at "a.b.0.c"; NULL where there is none or it is null. */
static const json_t *value_at(const json_t *value, const char *path)
{
    char name[PATH_MAX_BYTES];
    for (struct span rest = span_of(path), head; value && rest.n;) {
        int64_t index;
        span_cut(rest, '.', &head, &rest);
        if (json_is_array(value) && span_to_int(head, 0, 1000, &index))
            value = json_array_get(value, (size_t)index);
        else
            value = span_to_cstr(head, name, sizeof name) ? json_object_get(value, name) : NULL;
    }
    return json_is_null(value) ? NULL : value;
}

static void write_value(const json_t *value, char out[VALUE_MAX])
{
    if (json_is_string(value))
        snprintf(out, VALUE_MAX, "%s", json_string_value(value));
    else if (json_is_number(value))
        snprintf(out, VALUE_MAX, "%.15g", json_number_value(value));
    else
        snprintf(out, VALUE_MAX, "%s", !value ? "missing" : json_is_true(value) ? "true" : json_is_false(value) ? "false" : "a list or an object");
}

static void refuse(struct import *im, enum import_file file, const char *path, const json_t *value, const char *wanted)
{
    char text[VALUE_MAX];
    write_value(value, text);
    import_fail(im, "%s: %s is %s; only %s is supported.", import_file_names[file], path, text, wanted);
}

/* ---- what must be so ---- */

struct rule {
    const char *path, *wanted;
    bool required; /* else it may be left out */
};

static void keep_rules(struct import *im, enum import_file file, const json_t *root, const struct rule *rules, size_t count)
{
    char text[VALUE_MAX];
    for (size_t i = 0; i < count; i++) {
        const json_t *value = value_at(root, rules[i].path);
        write_value(value, text);
        if (value ? strcmp(text, rules[i].wanted) != 0 : rules[i].required)
            refuse(im, file, rules[i].path, value, rules[i].wanted);
    }
}
#define KEEP_RULES(im, file, root, rules) keep_rules(im, file, root, rules, sizeof rules / sizeof *rules)

/* The number there; absent where there is none. Fails where it is no multiple of step from least to most. */
static size_t number_in(struct import *im, enum import_file file, const json_t *root, const char *path, size_t least, size_t most, size_t step, size_t absent)
{
    const json_t *value = value_at(root, path);
    char wanted[VALUE_MAX];
    if (!value)
        return absent;
    double number = json_number_value(value);
    if (json_is_number(value) && number >= (double)least && number <= (double)most && (double)((size_t)number / step * step) == number)
        return (size_t)number;
    if (least == most)
        snprintf(wanted, sizeof wanted, "%zu", least);
    else
        snprintf(wanted, sizeof wanted, "a multiple of %zu from %zu to %zu", step, least, most);
    refuse(im, file, path, value, wanted);
    return absent;
}

/* ---- the network ---- */

static void read_eps(struct import *im, const json_t *root)
{
    const json_t *value = value_at(root, "layer_norm_eps");
    double eps = value ? json_number_value(value) : 1e-12;
    if (!(eps > 0 && eps <= 1e-3))
        refuse(im, IMPORT_CONFIG, "layer_norm_eps", value, "a number up to 0.001");
    im->header.eps = eps > 0.9e-12 && eps < 1.1e-12 ? 0 : (float)eps;
}

static void read_network(struct import *im, const json_t *root, struct import_config *out)
{
    static const struct rule rules[] = {
        {"model_type", "bert", false}, {"hidden_act", "gelu", false}, {"position_embedding_type", "absolute", false}, {"is_decoder", "false", false}};
    const enum import_file file = IMPORT_CONFIG;
    KEEP_RULES(im, file, root, rules);
    number_in(im, file, root, "hidden_size", WIDTH, WIDTH, 1, WIDTH);
    number_in(im, file, root, "num_attention_heads", HEADS, HEADS, 1, HEADS);
    out->layers = number_in(im, file, root, "num_hidden_layers", 1, LAYERS_MAX, 1, 0);
    out->inner = number_in(im, file, root, "intermediate_size", INNER_STEP, INNER, INNER_STEP, 0);
    out->words = number_in(im, file, root, "vocab_size", 1, VOCABULARY_MAX, 1, 0);
    number_in(im, file, root, "max_position_embeddings", POSITIONS_LEAST, VOCABULARY_MAX, 1, 0);
    read_eps(im, root);
}

static void read_length(struct import *im, const json_t *root, struct import_config *out)
{
    size_t length = number_in(im, IMPORT_LENGTH, root, "max_seq_length", POSITIONS_LEAST, VOCABULARY_MAX, 1, POSITIONS);
    out->positions = length < POSITIONS ? length : POSITIONS;
    if (json_is_true(value_at(root, "do_lower_case")))
        im->header.keeps &= ~(uint32_t)KEEPS_CASE;
}

/* ---- what is behind it ---- */

static void read_modules(struct import *im, const json_t *root)
{
    static const char *const known[] = {"Transformer", "Pooling", "Normalize"};
    for (size_t i = 0; i < json_array_size(root); i++) {
        const json_t *type = value_at(json_array_get(root, i), "type");
        const char *name = json_string_value(type), *last = name ? strrchr(name, '.') : NULL;
        bool found = false;
        for (size_t k = 0; name && k < sizeof known / sizeof *known; k++)
            found |= strcmp(last ? last + 1 : name, known[k]) == 0;
        if (!found)
            refuse(im, IMPORT_MODULES, "type", type, "Transformer, Pooling or Normalize");
    }
}

/* The mean over the square root of the length has the mean's direction, and vectors are made of length 1. */
static void read_pooling(struct import *im, const json_t *root)
{
    static const struct rule rules[] = {
        {"pooling_mode_max_tokens", "false", false}, {"pooling_mode_weightedmean_tokens", "false", false}, {"pooling_mode_lasttoken", "false", false}};
    const char *mode = json_string_value(value_at(root, "pooling_mode"));
    bool cls = json_is_true(value_at(root, "pooling_mode_cls_token")) || (mode && strcmp(mode, "cls") == 0);
    bool mean = json_is_true(value_at(root, "pooling_mode_mean_tokens")) || json_is_true(value_at(root, "pooling_mode_mean_sqrt_len_tokens")) ||
                (mode && strcmp(mode, "mean") == 0);
    KEEP_RULES(im, IMPORT_POOLING, root, rules);
    number_in(im, IMPORT_POOLING, root, "word_embedding_dimension", WIDTH, WIDTH, 1, WIDTH);
    if (mode && !cls && !mean)
        refuse(im, IMPORT_POOLING, "pooling_mode", value_at(root, "pooling_mode"), "mean or cls");
    if (root && cls == mean)
        import_fail(im, "%s: pooling_mode_cls_token and pooling_mode_mean_tokens are both %s; one of them is supported.", import_file_names[IMPORT_POOLING],
                    cls ? "true" : "false");
    im->header.pooling = cls ? POOLING_CLS : POOLING_MEAN;
}

/* The prompt of the first name that has one, else the one that is said to be the default. */
static const char *prompt_of(const json_t *root, const char *const names[3])
{
    const json_t *prompts = value_at(root, "prompts"), *prompt = NULL;
    const char *otherwise = json_string_value(value_at(root, "default_prompt_name"));
    for (size_t i = 0; !prompt && i < 3 && names[i]; i++)
        prompt = json_object_get(prompts, names[i]);
    if (!prompt && otherwise)
        prompt = json_object_get(prompts, otherwise);
    return json_is_string(prompt) ? json_string_value(prompt) : "";
}

/* A text begins a word, so what heads it must have ended one: heading and text are taken apart into pieces each by itself. */
static bool ends_a_word(const char *heading, size_t n)
{
    unsigned char last = n ? (unsigned char)heading[n - 1] : ' ';
    return last <= ' ' || (last < 0x7F && !((last | 32) >= 'a' && (last | 32) <= 'z') && !(last >= '0' && last <= '9'));
}

static void read_prompts(struct import *im, const json_t *root, struct import_config *out)
{
    static const char *const names[2][3] = {[EMBED_QUESTION] = {"query", NULL, NULL}, [EMBED_PASSAGE] = {"document", "passage", "corpus"}};
    for (size_t role = 0; role < 2; role++) {
        const char *heading = prompt_of(root, names[role]);
        size_t n = strlen(heading);
        if (n > HEADING_MAX || !ends_a_word(heading, n)) {
            import_fail(im, "%s: the prompt \"%.40s\" is not supported: it has more than %d bytes or ends within a word.", import_file_names[IMPORT_PROMPTS],
                        heading, HEADING_MAX);
            return;
        }
        memcpy(out->heading[role], heading, n);
        im->header.heading_bytes[role] = (uint32_t)n;
    }
}

/* ---- the tokenizer's rules ---- */

static void keep(struct import *im, bool lowers, bool strips)
{
    im->header.keeps = (lowers ? 0 : KEEPS_CASE) | (strips ? 0 : KEEPS_ACCENTS);
}

/* Accents go with capitals where nothing is said of them. */
static void read_casing(struct import *im, const json_t *root, const char *lowers_at, const char *strips_at)
{
    const json_t *lower = value_at(root, lowers_at), *strip = value_at(root, strips_at);
    bool lowers = !lower || json_is_true(lower);
    keep(im, lowers, strip ? json_is_true(strip) : lowers);
}

static void read_post_processor(struct import *im, const json_t *root)
{
    static const struct rule bert[] = {{"post_processor.cls.0", "[CLS]", true}, {"post_processor.sep.0", "[SEP]", true}};
    static const struct rule template[] = {{"post_processor.type", "TemplateProcessing", true},
                                           {"post_processor.single.0.SpecialToken.id", "[CLS]", true},
                                           {"post_processor.single.1.Sequence.id", "A", true},
                                           {"post_processor.single.2.SpecialToken.id", "[SEP]", true}};
    const char *type = json_string_value(value_at(root, "post_processor.type"));
    if (type && strcmp(type, "BertProcessing") == 0)
        KEEP_RULES(im, IMPORT_TOKENIZER, root, bert);
    else
        KEEP_RULES(im, IMPORT_TOKENIZER, root, template);
}

/* A token that is found in a text before it is split, as special ones are not here. */
static void read_added_tokens(struct import *im, const json_t *root)
{
    const json_t *tokens = value_at(root, "added_tokens");
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        const json_t *token = json_array_get(tokens, i);
        if (!json_is_true(value_at(token, "special")))
            import_fail(im, "%s: added_tokens holds \"%.40s\", which is not special; only special ones are supported.", import_file_names[IMPORT_TOKENIZER],
                        json_is_string(value_at(token, "content")) ? json_string_value(value_at(token, "content")) : "");
    }
}

static void read_tokenizer(struct import *im, const json_t *root)
{
    static const struct rule rules[] = {
        {"model.type", "WordPiece", false},
        {"model.unk_token", "[UNK]", false},
        {"model.continuing_subword_prefix", "##", false},
        {"model.max_input_chars_per_word", "100", false},
        {"normalizer.type", "BertNormalizer", true},
        {"normalizer.clean_text", "true", false},
        {"normalizer.handle_chinese_chars", "true", false},
        {"pre_tokenizer.type", "BertPreTokenizer", true},
    };
    KEEP_RULES(im, IMPORT_TOKENIZER, root, rules);
    read_casing(im, root, "normalizer.lowercase", "normalizer.strip_accents");
    read_post_processor(im, root);
    read_added_tokens(im, root);
}

static void read_tokenizer_config(struct import *im, const json_t *root)
{
    static const struct rule rules[] = {{"tokenize_chinese_chars", "true", false},
                                        {"do_basic_tokenize", "true", false},
                                        {"unk_token", "[UNK]", false},
                                        {"cls_token", "[CLS]", false},
                                        {"sep_token", "[SEP]", false}};
    KEEP_RULES(im, IMPORT_TOKENIZER_CONFIG, root, rules);
    read_casing(im, root, "do_lower_case", "strip_accents");
}

/* ---- all of it ---- */

void import_configure(struct import *im, const struct span files[IMPORT_FILES], struct import_config *out)
{
    json_t *roots[IMPORT_FILES] = {NULL};
    for (enum import_file file = IMPORT_TOKENIZER; file < IMPORT_FILES; file++)
        roots[file] = load(im, files, file);
    if (roots[IMPORT_TOKENIZER])
        read_tokenizer(im, roots[IMPORT_TOKENIZER]);
    else
        read_tokenizer_config(im, roots[IMPORT_TOKENIZER_CONFIG]);
    read_network(im, roots[IMPORT_CONFIG], out);
    read_modules(im, roots[IMPORT_MODULES]);
    read_pooling(im, roots[IMPORT_POOLING]);
    read_length(im, roots[IMPORT_LENGTH], out);
    read_prompts(im, roots[IMPORT_PROMPTS], out);
    for (size_t i = 0; i < IMPORT_FILES; i++)
        json_decref(roots[i]);
}
