/* Extraction: the bytes of a document → blocks. The formats run in a process of their own (extract/worker.c) that cannot harm the server. */
#ifndef EXTRACT_EXTRACT_H
#define EXTRACT_EXTRACT_H

#include "base/arena.h"
#include "doc/block.h"

/* Why a document was refused. The name (extract_error_code) is the API's error.code. */
enum extract_error {
    EXTRACT_OK,
    EXTRACT_UNSUPPORTED, /* "unsupported_format": no reader for this content */
    EXTRACT_ENCRYPTED,   /* "encrypted" */
    EXTRACT_DAMAGED,     /* "damaged": the file breaks its own format, or the worker crashed on it */
    EXTRACT_TOO_LARGE,   /* "too_large": past a bound on size, memory or output */
    EXTRACT_TOO_COMPLEX, /* "too_complex": nesting, ratio or count past a bound */
    EXTRACT_TIMEOUT,     /* "timeout" */
    EXTRACT_NO_TEXT,     /* "no_text": pages without a text layer */
    EXTRACT_INTERNAL     /* "internal": the server's own trouble (no process, no memory); worth another try */
};
const char *extract_error_code(enum extract_error e);

struct extract_limits {
    int64_t memory_bytes;       /* address space of the worker; default 512 MiB */
    int cpu_s;                  /* default 30 */
    int wall_s;                 /* default 60 */
    int64_t output_bytes;       /* text that may leave it; default 64 MiB */
    const char *ocr;            /* languages of the characters that are recognised on pages without text, as Tesseract names them ("eng+deu"); NULL: none are */
    int ocr_s;                  /* that this may take, beside the other seconds; default 300 */
    const _Atomic bool *cancel; /* set: the worker is killed within 200 ms and the result is EXTRACT_INTERNAL; NULL: never */
};
extern const struct extract_limits extract_default_limits;

struct extract_result {
    enum extract_error error;
    char message[240];    /* one sentence for a person when error != EXTRACT_OK */
    char media_type[96];  /* as decided by content; "" when unknown */
    char notes[1024];     /* what a person should know of a document that could be read, such as what of it could not: sentences, a line each; "" for nothing */
    int32_t pages;        /* 0 when the format has none */
    int32_t pictures;     /* pages that were not read and need character recognition */
    struct block *blocks; /* [count], in the arena */
    size_t count;
};

/* The media type by content, the name as a hint, or NULL when no reader takes it. head: the first bytes (all, or at least 4096). Pure. */
const char *extract_media_type(struct span head, struct span filename);
/* The kinds accepted, for messages: "PDF, DOCX, …". */
const char *extract_supported(void);

/* Runs a worker process on the file behind fd (read from offset 0) and waits for its end; with character recognition on, a second one on a file that has
 * pages which are pictures. `program` is this binary. Blocks and spans are
 * allocated in the arena. Never fails otherwise than through result->error. Thread-safe. */
void extract_document(const char *program, int fd, struct span filename, const struct extract_limits *limits, struct arena *arena,
                      struct extract_result *result);

/* Tries what limits->ocr asks for on a page of our own. False, with a sentence in why that says what to install or to change, when it does not work here. */
bool extract_check_ocr(const char *program, const struct extract_limits *limits, char *why, size_t why_size);

/* main() of the worker (subcommand "extract-worker"): document on descriptor 3, blocks to descriptor 4. argv[0] is the subcommand's name, behind it
 * come the limits and the file name as extract_document passes them. Returns the exit status. */
int extract_worker_main(int argc, char **argv);

/* main() of the subcommand `extract FILE [--json] [--ocr LANGUAGES]` (argv[0] is its name): prints the blocks, rows with TAB between the cells, an empty line between
 * paragraphs, a form feed between pages; with --json one object a line {kind, level, page, text}. A refusal is one line on standard error and
 * status 1; each note is a line "note: …" there, with status 0. The worker is this program itself (/proc/self/exe), so that its main must know "extract-worker". */
int extract_command(int argc, char **argv);

#endif
