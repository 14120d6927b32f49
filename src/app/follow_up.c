/* Signs of a follow-up, and its forms. English and German. */
#include "app/follow_up.h"

#include <string.h>

#include "app/asked.h"

/* Beside stop words: a question with fewer than FEW terms says nothing by itself; one with fewer than SOME that has a pronoun most likely points back; one with
 * fewer than MANY may leave its subject out. */
enum { FEW_TERMS = 2, SOME_TERMS = 5, MANY_TERMS = 6 };

static bool opens_as_one(struct span words)
{
    static const char *const openings[] = {" and ",         " what about ",       " how about ",      " or ",   " but ",  " also ", " same for ", " und ",
                                           " was ist mit ", " wie sieht es mit ", " wie ist es mit ", " oder ", " aber ", " auch ", " ebenso "};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (span_starts(words, span_of(openings[i])))
            return true;
    }
    return false;
}

/* "Is there a discount?" points nowhere. */
static bool only_asks_whether(struct span words)
{
    return span_find(words, SPAN(" is there ")) >= 0 || span_find(words, SPAN(" are there ")) >= 0 || span_find(words, SPAN(" gibt es ")) >= 0;
}

static bool has_pronoun(struct span words)
{
    static const char *const pronouns[] = {" it ",     " its ",   " they ",  " them ",  " their ", " that ", " this ", " those ",  " these ",
                                           " he ",     " she ",   " him ",   " his ",   " her ",   " one ",  " ones ", " then ",   " sie ",
                                           " das ",    " dort ",  " ihn ",   " ihm ",   " ihr ",   " ihre ", " dies ", " dieser ", " diese ",
                                           " dieses ", " dafür ", " davon ", " damit ", " dazu ",  " darin "};
    for (size_t i = 0; i < sizeof pronouns / sizeof *pronouns; i++) {
        if (span_find(words, span_of(pronouns[i])) >= 0)
            return true;
    }
    return !only_asks_whether(words) && (span_find(words, SPAN(" there ")) >= 0 || span_find(words, SPAN(" es ")) >= 0);
}

static bool leans(struct span words, size_t informative)
{
    return informative < FEW_TERMS || opens_as_one(words) || (informative < SOME_TERMS && has_pronoun(words));
}

bool follow_up_leans(struct span question, size_t informative, struct arena *arena)
{
    struct asked asked;
    return asked_read(question, arena, &asked) && leans(asked.words, informative);
}

/* The last question that stands alone: the one before may itself be a follow-up. How much it says is not known any more, so it counts as saying enough. */
static struct span last_whole(const struct follow_up_past *past, struct arena *arena)
{
    size_t i = past->count - 1;
    while (i > 0 && follow_up_leans(past->recent[i].question, FEW_TERMS, arena))
        i--;
    return past->recent[i].question;
}

/* front.p == NULL when the arena is full. */
static struct span join(struct span front, struct span question, struct arena *arena)
{
    char *p = arena_alloc(arena, front.n + question.n + 1);
    if (!p)
        return (struct span){NULL, 0};
    memcpy(p, front.p, front.n);
    p[front.n] = ' ';
    memcpy(p + front.n + 1, question.p, question.n);
    return (struct span){p, front.n + question.n + 1};
}

struct forms {
    struct follow_up_form *list; /* [FOLLOW_UP_FORMS] */
    size_t count;
    bool failed;
};

static void add(struct forms *f, struct span text, bool needs_a_word)
{
    f->failed = f->failed || !text.p;
    f->list[f->count++] = (struct follow_up_form){text, needs_a_word};
}

size_t follow_up_forms(const struct follow_up_past *past, struct span question, size_t informative, struct arena *arena,
                       struct follow_up_form forms[FOLLOW_UP_FORMS])
{
    struct forms f = {.list = forms};
    struct asked asked;
    if (!asked_read(question, arena, &asked))
        return 0;
    bool leaning = past->count && leans(asked.words, informative);
    bool points_back = has_pronoun(asked.words);
    if (leaning) {
        add(&f, join(last_whole(past, arena), question, arena), !points_back && informative > 0);
        if (past->heading.n)
            add(&f, join(past->heading, question, arena), !points_back && informative > 0);
    } else {
        add(&f, question, false);
        if (past->heading.n && informative < MANY_TERMS)
            add(&f, join(past->heading, question, arena), true);
    }
    return f.failed ? 0 : f.count;
}
