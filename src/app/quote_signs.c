/* What the question asks for beside what the best unit holds. */
#include "app/quote_signs.h"

/* A true answer has the question's words together, and others by other names; in a near miss they are scattered over the passage. */
static void look_for_scattered(const struct weighing *o, size_t best, struct quote_signs *out)
{
    uint64_t passage = 0, own = o->units[best].terms, around = own;
    for (size_t i = 0; i < o->count; i++)
        passage |= o->units[i].passage == o->units[best].passage ? o->units[i].terms : 0;
    if (best > 0 && quote_same_passage(o, best, best - 1))
        around |= o->units[best - 1].terms;
    out->scattered = quote_mass(o, passage & ~own);
    out->distant = quote_mass(o, passage & ~around);
}

void quote_signs_read(const struct weighing *o, const struct passages *passages, size_t best, struct quote_signs *out)
{
    struct span text = quote_unit_text(passages, &o->units[best]);
    *out = (struct quote_signs){.cosine = o->cosines ? (double)o->cosines[best] : 0,
                                .asks_a_kind = o->asked.kind != ASKED_ANYTHING,
                                .held = asked_held(&o->asked, text),
                                .number_missing = o->asked.number && !asked_numbers_stand(&o->asked, text),
                                .negation_missing = o->asked.negated && !asked_negates(text)};
    look_for_scattered(o, best, out);
}
