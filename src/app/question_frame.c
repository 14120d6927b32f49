/* Phrases that only ask, in the languages that have stop words here. */
#include "app/question_frame.h"

#include <stdlib.h>

#include "app/fold.h"

enum { FRAME_WORDS = 16, PHRASES_AT_MOST = 4 }; /* looked at; phrases in a row */

/* Case-folded, one space between words. Stop words may stand around and between them without being named. Where several match, the longest counts; a word that
 * can be asked for itself ("show", "give") is listed only with what makes it a request. */
static const char *const phrases[] = {
    "tell me", "tell us", "tell me more", "tell us more", "explain", "describe", "show me", "show us", "give me", "give us", "give me information",
    "give me details", "give me an overview", "let me know", "please", "kindly", "want to know", "like to know", "need to know", "want to learn",
    "like to learn",
    /* German */
    "bitte", "erzähl", "erzähle", "erzählen sie", "erklär", "erkläre", "erklären sie", "beschreib", "beschreibe", "beschreiben sie", "zeig mir", "zeige mir",
    "zeigen sie mir", "zeig uns", "sag mir", "sage mir", "sagen sie mir", "möchte wissen",
    /* French */
    "dis moi", "dites moi", "dites nous", "parle moi", "parlez moi", "explique", "explique moi", "expliquez", "expliquez moi", "décris", "décrivez",
    "montre moi", "montrez moi", "s'il vous plaît", "s'il te plaît",
    /* Spanish, Portuguese, Italian, Catalan, Romanian */
    "dime", "dígame", "cuéntame", "cuénteme", "háblame", "hábleme", "explica", "explícame", "explíqueme", "describa", "muéstrame", "muéstreme", "por favor",
    "diga me", "me diga", "fale me", "me fale", "fale sobre", "conte me", "me explique", "descreva", "mostre me", "me mostre", "dimmi", "mi dica", "parlami",
    "spiega", "spiegami", "mi spieghi", "descrivi", "mostrami", "per favore", "explica'm", "descriu", "si us plau", "spune mi", "explică", "descrie", "vă rog",
    /* Dutch, Swedish, Danish, Norwegian */
    "vertel", "vertel me", "vertel mij", "leg uit", "beschrijf", "laat me zien", "toon me", "alstublieft", "alsjeblieft", "berätta", "förklara", "beskriv",
    "visa mig", "snälla", "fortæl", "fortæl mig", "fortell", "fortell meg", "forklar", "vis mig", "vis meg", "venligst", "vennligst",
    /* Finnish, Hungarian, Turkish, Indonesian, Russian */
    "kerro", "selitä", "kuvaile", "näytä minulle", "mondd el", "magyarázd el", "írd le", "mutasd meg", "kérem", "anlat", "açıkla", "tarif et", "bana göster",
    "lütfen", "ceritakan", "jelaskan", "gambarkan", "tunjukkan", "tolong", "mohon", "расскажи", "расскажите", "объясни", "объясните", "опиши", "опишите",
    "покажи", "покажите", "скажи", "скажите", "пожалуйста"};

/* The first words as they are compared. */
struct front {
    char *folded[FRAME_WORDS]; /* NULL: cannot be folded */
    const struct word *words;
    size_t count;
};

/* How many words the phrase takes from word `at` on; 0 when it does not stand there. */
static size_t taken_by(const struct front *f, size_t at, struct span phrase)
{
    size_t n = 0;
    struct span word;
    while (phrase.n) {
        span_cut(phrase, ' ', &word, &phrase);
        if (at + n >= f->count || !f->folded[at + n] || !span_eq(span_of(f->folded[at + n]), word))
            return 0;
        n++;
    }
    return n;
}

static size_t longest_phrase(const struct front *f, size_t at)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        size_t n = taken_by(f, at, span_of(phrases[i]));
        longest = n > longest ? n : longest;
    }
    return longest;
}

/* Words up to the first that is neither frame nor stop word. */
static size_t frame_of(const struct front *f)
{
    size_t at = 0, found = 0;
    while (at < f->count && found <= PHRASES_AT_MOST) {
        size_t n = longest_phrase(f, at);
        if (!n && !f->words[at].stop)
            break;
        found += n > 0;
        at += n ? n : 1;
    }
    return found ? at : 0;
}

size_t question_frame(struct span question, const struct word *words, size_t count)
{
    struct front f = {.words = words, .count = count < FRAME_WORDS ? count : FRAME_WORDS};
    for (size_t i = 0; i < f.count; i++)
        f.folded[i] = fold_case((struct span){question.p + words[i].start, words[i].end - words[i].start});
    size_t frame = frame_of(&f);
    for (size_t i = 0; i < f.count; i++)
        free(f.folded[i]);
    for (size_t i = frame; i < count; i++) {
        if (!words[i].stop)
            return frame;
    }
    return 0;
}
