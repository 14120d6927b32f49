/* Looking up a word in the generated table of stop words. */
#include "text/stopwords.h"

#include <string.h>

uint32_t stopwords_of(struct span folded)
{
    uint32_t h = 0x811C9DC5u;
    for (size_t i = 0; i < folded.n; i++)
        h = (h ^ (unsigned char)folded.p[i]) * 0x01000193u;
    for (size_t i = h % STOPWORDS_SLOTS; stopwords_slots[i].length; i = (i + 1) % STOPWORDS_SLOTS) {
        const struct stopwords_slot *slot = &stopwords_slots[i];
        if (slot->length == folded.n && memcmp(stopwords_pool + slot->at, folded.p, folded.n) == 0)
            return slot->languages;
    }
    return 0;
}

int stopwords_bit(const char *code)
{
    for (size_t i = 0; i < stopwords_languages; i++) {
        if (strcmp(stopwords_codes[i], code) == 0)
            return (int)i;
    }
    return -1;
}
