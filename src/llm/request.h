/* A prompt as the body of POST /chat/completions, in the form that every OpenAI-compatible server takes. Pure. */
#ifndef LLM_REQUEST_H
#define LLM_REQUEST_H

#include "llm/client.h"

enum llm_role { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT };

struct llm_turn {
    enum llm_role role;
    struct span text;
};

struct llm_request {
    struct span model;
    const struct llm_turn *turns; /* [count] */
    size_t count;
    int64_t max_tokens;
    int64_t temperature_milli; /* 200: 0.2 */
    enum llm_style style;
};

/* Appends one JSON object that asks for a stream with its usage. Bytes that are not UTF-8 become U+FFFD. out->failed when there is no room. */
void llm_request_write(struct buf *out, const struct llm_request *request);

#endif
