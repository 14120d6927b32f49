/* Greetings, thanks and good-byes: answered with a friendly line instead of a search. Pure. */
#ifndef APP_SMALL_TALK_H
#define APP_SMALL_TALK_H

#include "app/asked.h"

/* The reply, when the whole question is nothing else; NULL for anything that may be about the documents. */
const char *small_talk_reply(const struct asked *question);

#endif
