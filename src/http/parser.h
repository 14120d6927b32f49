/* llhttp, Node's strict HTTP/1 parser, behind two calls: one complete head, then the body piece by piece. Pure but for the sink.
 *
 * It stands apart from exchange.h because llhttp.h has its own HTTP_GET and so on. */
#ifndef HTTP_PARSER_H
#define HTTP_PARSER_H

#include "http/head.h"

struct parser;

/* Takes body bytes in order; false stops the parser. */
typedef bool parser_sink(void *context, struct span bytes);

enum parser_status { PARSER_MORE, PARSER_DONE, PARSER_BAD, PARSER_STOPPED };

/* NULL when there is no memory. Caller: parser_free. */
struct parser *parser_new(parser_sink *sink, void *context);
void parser_free(struct parser *p);
/* Reads one head that head_scan found complete (`lines` field lines); the spans of *head point into it. head->fields and field_max are the caller's.
 * False with a fault when it is refused. */
bool parser_head(struct parser *p, struct span raw, size_t lines, struct head *head, struct http_fault *why);
/* Reads on in the body, which may have `room` more bytes of data: more, or a chunk that announces more, is a fault of 413. *used says how many of
 * the bytes belong to it; those behind are the next request's. Trailer fields are checked and dropped. */
enum parser_status parser_body(struct parser *p, struct span bytes, int64_t room, size_t *used, struct http_fault *why);

#endif
