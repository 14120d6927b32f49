/* Internet messages (RFC 5322) and their parts (MIME, RFC 2045 to 2047 and 2231): headers, boundaries, transfer encodings. */
#ifndef EXTRACT_MIME_H
#define EXTRACT_MIME_H

#include "extract/format.h"

/* A message or part: its header lines and what follows the empty line behind them. */
struct mime_part {
    struct span head, body;
};
struct mime_part mime_split(struct span message);

/* True when the bytes begin as a message does: header lines, among them those that mail programs write and people do not. */
bool mime_looks_like_message(struct span head);

/* Appends the value of a header, lines put together; false when there is none. */
bool mime_header(struct span head, struct span name, struct buf *value);
/* The value before the first ';', without white space. */
struct span mime_plain(struct span value);
/* Appends a parameter of a header's value, "; name=value", with or without quotes, also in the form of RFC 2231; false when there is none. */
bool mime_parameter(struct span value, struct span name, struct buf *out);

/* Takes the next part between boundaries off *rest; false when there is none. */
bool mime_next_part(struct span *rest, struct span boundary, struct span *part);

/* Appends the bytes that a body stands for; `encoding`: base64, quoted-printable, anything else is as it is. */
void mime_decode(struct span body, struct span encoding, struct buf *out);
/* Appends a header's value as UTF-8, words such as =?utf-8?Q?caf=C3=A9?= decoded. False after sink_refuse. */
bool mime_put_words(const struct source *in, struct span value, struct buf *out, struct sink *sink);

#endif
