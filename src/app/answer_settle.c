/* What an answer needs while a model writes it, out of all that finding it took: copied into one block of just that size. */
#include <stdlib.h>
#include <string.h>

#include "app/answer_course.h"

enum { ALIGN = 16 };

/* Without a block it only counts, and leaves everything where it is. */
struct settling {
    char *block;
    size_t used;
};

static void *move(struct settling *s, void *from, size_t n)
{
    char *to = s->block ? s->block + s->used : NULL;
    s->used += (n + ALIGN - 1) / ALIGN * ALIGN;
    if (!to)
        return from;
    if (n)
        memcpy(to, from, n);
    return to;
}

static void move_span(struct settling *s, struct span *text)
{
    if (text->p)
        text->p = move(s, (char *)(uintptr_t)text->p, text->n);
}

static void move_all(struct settling *s, struct answering *a)
{
    struct passages *p = &a->passages;
    p->list = move(s, p->list, p->count * sizeof *p->list);
    p->matches = move(s, p->matches, p->count * sizeof *p->matches);
    for (size_t i = 0; i < p->count; i++) {
        move_span(s, &p->list[i].document_name);
        move_span(s, &p->list[i].chunk.heading);
        move_span(s, &p->list[i].chunk.text);
    }
    a->quotes.list = move(s, a->quotes.list, a->quotes.count * sizeof *a->quotes.list);
    a->text.citations = move(s, a->text.citations, a->text.count * sizeof *a->text.citations);
    move_span(s, &a->text.text);
    move_span(s, &a->rules);
    move_span(s, &a->question.text);
    move_span(s, &a->conversation.session.end_user);
}

bool answer_settle(struct answering *a)
{
    struct settling s = {0};
    move_all(&s, a);
    s.block = malloc(s.used ? s.used : 1);
    if (!s.block)
        return false;
    s.used = 0;
    move_all(&s, a);
    a->settled = s.block;
    a->conversation.recent = NULL;
    a->conversation.recent_count = 0;
    a->prompt.turns = NULL;
    a->prompt.count = 0;
    live_moved(a->app->live, &a->live, &a->conversation.session);
    arena_free(a->arena);
    a->arena = NULL;
    return true;
}
