/* A table without chains: a word that falls on the place of another takes it. */
#include "text/known.h"

#include <string.h>

enum { PLACES = 1024 }; /* 44 KiB a thread */

struct known *known_word(struct span folded, struct language language)
{
    static _Thread_local struct known places[PLACES];
    char word[KNOWN_MAX + 1] = {0};
    uint64_t half[2];
    uint32_t code;
    memcpy(word, folded.p, folded.n);
    memcpy(half, word, sizeof half);
    memcpy(&code, language.code, sizeof code);
    uint64_t mixed = (half[0] ^ code) * 0x9E3779B97F4A7C15u ^ (half[1] * 0xC2B2AE3D27D4EB4Fu >> 7);
    struct known *k = &places[(mixed * 0x9E3779B97F4A7C15u) >> 54];
    if (k->filled && memcmp(k->word, word, sizeof word) == 0 && memcmp(&k->language, &language, sizeof language) == 0)
        return k;
    *k = (struct known){.language = language};
    memcpy(k->word, word, sizeof word);
    return k;
}
