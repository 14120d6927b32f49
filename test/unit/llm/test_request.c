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

static void newer_servers_bound_completion_tokens(void **state)
{
    (void)state;
    static const enum llm_style styles[] = {LLM_OPENAI, LLM_AZURE};
    for (size_t i = 0; i < 2; i++) {
        struct buf out;
        buf_init(&out, 4096);
        llm_request_write(&out, &(struct llm_request){.model = SPAN("m"), .max_tokens = 9, .style = styles[i]});
        assert_true(span_find(buf_view(&out), SPAN(",\"max_completion_tokens\":9,")) > 0 && span_find(buf_view(&out), SPAN("\"max_tokens\"")) < 0);
        buf_free(&out);
    }
}

static void styles_go_by_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *name, *url;
        enum llm_style style;
    } cases[] = {{"auto", "http://127.0.0.1:9009/v1", LLM_PLAIN},
                 {"auto", "https://api.openai.com/v1", LLM_OPENAI},
                 {"auto", "https://API.OpenAI.com:443/v1", LLM_OPENAI},
                 {"auto", "https://firm.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21", LLM_AZURE},
                 {"auto", "https://firm.openai.azure.com.example/v1", LLM_PLAIN},
                 {"auto", "https://api.openai.com.example/v1", LLM_PLAIN},
                 {"auto", "no address", LLM_PLAIN},
                 {"plain", "https://api.openai.com/v1", LLM_PLAIN},
                 {"azure", "http://127.0.0.1:9009/v1", LLM_AZURE},
                 {"openai", "http://127.0.0.1:9009/v1", LLM_OPENAI}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(llm_style_of(cases[i].name, cases[i].url), cases[i].style);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_are_exact), cmocka_unit_test(newer_servers_bound_completion_tokens),
                                       cmocka_unit_test(styles_go_by_the_host), cmocka_unit_test(no_room_is_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
