/* The properties of an Outlook message, its recipients and attachments ([MS-OXMSG]): each is a storage of a compound file with a stream of short values
 * and a stream for each long one. */
#ifndef EXTRACT_MSG_FILE_H
#define EXTRACT_MSG_FILE_H

#include "extract/ole.h"

/* Numbers of properties ([MS-OXPROPS]). */
enum msg_property {
    MSG_SUBJECT = 0x0037,
    MSG_SUBMIT_TIME = 0x0039,
    MSG_FROM_NAME = 0x0042,
    MSG_FROM_ADDRESS = 0x0065,
    MSG_SENDER_NAME = 0x0C1A,
    MSG_SENDER_ADDRESS = 0x0C1F,
    MSG_CC = 0x0E03,
    MSG_TO = 0x0E04,
    MSG_DELIVERY_TIME = 0x0E06,
    MSG_BODY = 0x1000,
    MSG_RTF = 0x1009,
    MSG_HTML = 0x1013,
    MSG_NAME = 0x3001,
    MSG_DATA = 0x3701,
    MSG_SHORT_FILE = 0x3704,
    MSG_FILE = 0x3707,
    MSG_INTERNET_CODEPAGE = 0x3FDE,
    MSG_CODEPAGE = 0x3FFD,
    MSG_SENDER_SMTP = 0x5D01,
    MSG_FROM_SMTP = 0x5D02,
    MSG_HIDDEN = 0x7FFE
};

/* A storage of the file: the message, or what stands in it. */
struct msg_storage {
    struct ole ole;
    struct span values; /* the stream of short values, without its head */
    uint32_t codepage;  /* of text that is not in Unicode */
    void *charsets;
    uint64_t *bytes_left; /* that may still be read out of streams: in a sound file each is read once */
};

/* What the head of the stream of short values takes. */
enum msg_head { MSG_HEAD_FILE = 32, MSG_HEAD_INNER = 24, MSG_HEAD_PART = 8 };

/* Reads the values of a storage whose `ole` has been entered; the code page stays what it was unless they name one. False after sink_refuse. */
bool msg_open(struct msg_storage *s, enum msg_head head);
/* A number, a time or a truth value by its property; 0 when there is none. */
uint64_t msg_value(const struct msg_storage *s, enum msg_property property);
/* Appends a text as UTF-8; nothing when there is none. False after sink_refuse. */
bool msg_text(struct msg_storage *s, enum msg_property property, struct buf *text);
/* The bytes of a property, borrowed from the file or its arena; empty when there are none. False after sink_refuse. */
bool msg_bytes(struct msg_storage *s, enum msg_property property, struct span *bytes);

#endif
