/* The body of a chat completion request. */
#include "llm/request.h"

#include <inttypes.h>

static const char *const role_names[] = {[LLM_SYSTEM] = "system", [LLM_USER] = "user", [LLM_ASSISTANT] = "assistant"};

void llm_request_write(struct buf *out, const struct llm_request *request)
{
    buf_str(out, "{\"model\":");
    buf_json(out, request->model);
    buf_str(out, ",\"messages\":[");
    for (size_t i = 0; i < request->count; i++) {
        buf_printf(out, "%s{\"role\":\"%s\",\"content\":", i ? "," : "", role_names[request->turns[i].role]);
        buf_json(out, request->turns[i].text);
        buf_char(out, '}');
    }
    buf_printf(out, "],\"%s\":%" PRId64 ",\"temperature\":%" PRId64 ".%03" PRId64, request->style == LLM_PLAIN ? "max_tokens" : "max_completion_tokens",
               request->max_tokens, request->temperature_milli / 1000, request->temperature_milli % 1000);
    buf_str(out, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
}
