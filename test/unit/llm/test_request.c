/* The body of a request, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "llm/request.h"

static void bytes_are_exact(void **state)
{
    (void)state;
    struct buf out;
    const struct llm_turn turns[] = {
        {LLM_SYSTEM, SPAN("Rules.\n")}, {LLM_USER, SPAN("Say \"hi\"")}, {LLM_ASSISTANT, SPAN("hi")}, {LLM_USER, SPAN("bad \xFF\x01 byte")}};
    struct llm_request request = {.model = SPAN("m\\1"), .turns = turns, .count = 4, .max_tokens = 512, .temperature_milli = 50};
    buf_init(&out, 4096);
    llm_request_write(&out, &request);
    const char *text = buf_cstr(&out);
    assert_string_equal(
        text, "{\"model\":\"m\\\\1\",\"messages\":[{\"role\":\"system\",\"content\":\"Rules.\\n\"},{\"role\":\"user\",\"content\":\"Say \\\"hi\\\"\"},"
              "{\"role\":\"assistant\",\"content\":\"hi\"},{\"role\":\"user\",\"content\":\"bad \xEF\xBF\xBD\\u0001 byte\"}],\"max_tokens\":512,"
              "\"temperature\":0.050,\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    buf_free(&out);
}

static void no_room_is_told(void **state)
{
    (void)state;
    struct buf out;
    const struct llm_turn turn = {LLM_USER, SPAN("A question that is longer than the room there is.")};
    buf_init(&out, 40);
    llm_request_write(&out, &(struct llm_request){.model = SPAN("m"), .turns = &turn, .count = 1});
    assert_true(out.failed);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_are_exact), cmocka_unit_test(no_room_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
