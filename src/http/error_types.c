/* Error types by slug. */
#include "http/error_types.h"

const struct error_type error_types[] = {
    {"bad-request", 400,
     "The request breaks the rules of HTTP, or its body is not what its Content-Type says. The detail names the fault; correct the request."},
    {"malformed-json", 400, "The body is not valid JSON. The detail says where it breaks. Send one JSON object in UTF-8."},
    {"bad-multipart", 400,
     "The form of an upload is cut short or malformed. The detail names the fault; send multipart/form-data as RFC 7578 has it, such as curl -F does."},
    {"unauthorized", 401,
     "The call needs a credential, and none came that holds. Send an API key in the header X-API-Key, or an access token as Authorization: Bearer TOKEN. "
     "Tokens come from POST /api/v1/auth/register and /api/v1/auth/login and run out; keys come from POST /api/v1/auth/api-keys and may expire or be revoked."},
    {"forbidden", 403, "The credential holds, but it may not do this."},
    {"missing-scope", 403,
     "The credential holds, but lacks the scope that the call needs; the detail names it. Use a key that has it, or ask an owner or admin for one."},
    {"registration-closed", 403, "This server takes no new companies by itself. Its operator can open registration with --registration open."},
    {"not-found", 404, "There is no such path, or no such object in your company. An object of somebody else answers the same."},
    {"method-not-allowed", 405, "The path exists, but not with this method. The Allow header of the reply lists those it takes."},
    {"request-timeout", 408, "The request did not arrive in time. Send it again, and without pauses."},
    {"conflict", 409, "The request contradicts what is there already. The detail says what; change the request, or that."},
    {"email-taken", 409, "An account with this e-mail address exists. Log in with POST /api/v1/auth/login, or register with another address."},
    {"idempotency-running", 409, "The first request under this Idempotency-Key is still being worked on. Wait a moment and send the same request again."},
    {"length-required", 411, "The length of the body is not known. Send Content-Length, or chunked encoding."},
    {"content-too-large", 413, "The body, a file or a member is larger than the server takes. The detail names the bound; send less, or split it."},
    {"too-many-files", 413, "The upload carries more files than one request may. Send the others in another one."},
    {"uri-too-long", 414, "The path with its query is longer than the server takes. Shorten it, or put data in the body."},
    {"unsupported-format", 415,
     "The server cannot read this kind of content. API calls take application/json, uploads multipart/form-data; the detail lists the kinds of document that "
     "are accepted."},
    {"expectation-failed", 417, "The Expect header asks for something the server does not do. Leave it out."},
    {"validation", 422,
     "The request is well-formed, but a member is missing or not acceptable. detail is a list with one entry a fault: loc says where, msg what is wrong, and "
     "type its kind."},
    {"idempotency-mismatch", 422, "The Idempotency-Key was used with another body before. Use a new key for a new request."},
    {"too-many-requests", 429, "Too many requests, or failed attempts, in a short time. Wait as many seconds as the Retry-After header says."},
    {"header-fields-too-large", 431, "The header fields are more, or longer, than the server takes. Send fewer."},
    {"internal", 500, "Something went wrong on the server, by no fault of the request. Try again; if it stays, give the request id to the operator."},
    {"not-implemented", 501, "The server does not know this method or transfer coding."},
    {"bad-gateway", 502, "The language model behind the server answered with an error. Try again later."},
    {"model-failed", 502, "The language model behind the server broke off in the middle of an answer. What came before stands; ask again for the whole."},
    {"unavailable", 503, "The server is overloaded, starting or shutting down. Try again after as many seconds as the Retry-After header says."},
    {"shutting-down", 503, "The server shut down in the middle of an answer. Ask again in a moment."},
    {"model-timeout", 504, "The language model behind the server took too long for the rest of an answer. What came before stands; ask again for the whole."},
    {"gateway-timeout", 504, "The language model behind the server did not answer in time. Try again later."},
    {"http-version-not-supported", 505, "The server speaks HTTP/1.1 and HTTP/1.0."},
    {"insufficient-storage", 507, "The server, or your company's share of it, has no room left. Delete documents, or ask the operator for more."},
};

const size_t error_type_count = sizeof error_types / sizeof *error_types;

const struct error_type *error_type_find(struct span slug)
{
    for (size_t i = 0; i < error_type_count; i++) {
        if (span_eq(slug, span_of(error_types[i].slug)))
            return &error_types[i];
    }
    return NULL;
}

int error_status(enum problem_kind kind)
{
    switch (kind) {
    case PROBLEM_BAD_REQUEST:
        return 400;
    case PROBLEM_UNAUTHORIZED:
        return 401;
    case PROBLEM_FORBIDDEN:
        return 403;
    case PROBLEM_NOT_FOUND:
        return 404;
    case PROBLEM_CONFLICT:
        return 409;
    case PROBLEM_TOO_LARGE:
        return 413;
    case PROBLEM_UNSUPPORTED:
        return 415;
    case PROBLEM_INVALID:
        return 422;
    case PROBLEM_TOO_MANY:
        return 429;
    case PROBLEM_UNAVAILABLE:
        return 503;
    case PROBLEM_STORAGE:
        return 507;
    case PROBLEM_NONE:
    case PROBLEM_INTERNAL:
        break;
    }
    return 500;
}
