/* OMML, element by element, to LaTeX: what stands in front of and behind each child is a table; the characters of operators, delimiters and accents
 * come from the properties that precede them. */
#include "extract/ooxml_math.h"

#include <string.h>

#include "base/utf8.h"

enum { MATH_DEPTH_MAX = 64, SIGN_SIZE = 8, NAME_SIZE = 16 };

/* An element being read. */
struct frame {
    char name[NAME_SIZE];
    size_t start;                                     /* where its text begins */
    int children;                                     /* that hold text, so far */
    char sign[SIGN_SIZE], end[SIGN_SIZE], between[4]; /* m:chr or m:begChr, m:endChr, m:sepChr */
    bool on_top;                                      /* m:pos */
    enum { BAR_DRAWN, BAR_SLASH, BAR_NONE } bar;      /* of a fraction */
};

struct math {
    struct part *part;
    struct buf *to;
    struct frame frames[MATH_DEPTH_MAX]; /* [depth] */
    int depth;
    bool in_text;
};

static const struct rule {
    const char *parent, *child, *open, *close;
} rules[] = {
    {"f", "num", "\\frac{", "}"}, {"f", "den", "{", "}"},        {"sSup", "sup", "^{", "}"},
    {"sSub", "sub", "_{", "}"},   {"sSubSup", "sub", "_{", "}"}, {"sSubSup", "sup", "^{", "}"},
    {"sPre", "sub", "{}_{", "}"}, {"sPre", "sup", "^{", "}"},    {"rad", "deg", "\\sqrt[", "]"},
    {"rad", "e", "{", "}"},       {"nary", "sub", "_{", "}"},    {"nary", "sup", "^{", "}"},
    {"nary", "e", "{", "}"},      {"func", "fName", "\\", ""},   {"func", "e", "{", "}"},
    {"limLow", "lim", "_{", "}"}, {"limUpp", "lim", "^{", "}"},  {"bar", "e", "\\overline{", "}"},
    {"m", "mr", "", ""},          {"mr", "e", "", ""},           {"eqArr", "e", "", ""},
    {"d", "e", "", ""},           {"acc", "e", "{", "}"},        {"groupChr", "e", "{", "}"},
};

static const struct symbol {
    uint32_t c;
    const char *name;
} symbols[] = {
    {0xB1, "pm"},       {0xB7, "cdot"},        {0xD7, "times"},      {0xF7, "div"},          {0x0393, "Gamma"},
    {0x0394, "Delta"},  {0x0398, "Theta"},     {0x039B, "Lambda"},   {0x039E, "Xi"},         {0x03A0, "Pi"},
    {0x03A3, "Sigma"},  {0x03A6, "Phi"},       {0x03A8, "Psi"},      {0x03A9, "Omega"},      {0x03B1, "alpha"},
    {0x03B2, "beta"},   {0x03B3, "gamma"},     {0x03B4, "delta"},    {0x03B5, "epsilon"},    {0x03B6, "zeta"},
    {0x03B7, "eta"},    {0x03B8, "theta"},     {0x03B9, "iota"},     {0x03BA, "kappa"},      {0x03BB, "lambda"},
    {0x03BC, "mu"},     {0x03BD, "nu"},        {0x03BE, "xi"},       {0x03C0, "pi"},         {0x03C1, "rho"},
    {0x03C3, "sigma"},  {0x03C4, "tau"},       {0x03C5, "upsilon"},  {0x03C6, "phi"},        {0x03C7, "chi"},
    {0x03C8, "psi"},    {0x03C9, "omega"},     {0x03D1, "vartheta"}, {0x03D5, "phi"},        {0x03F5, "epsilon"},
    {0x2026, "ldots"},  {0x2190, "leftarrow"}, {0x2192, "to"},       {0x21D2, "Rightarrow"}, {0x21D4, "Leftrightarrow"},
    {0x2200, "forall"}, {0x2202, "partial"},   {0x2203, "exists"},   {0x2205, "emptyset"},   {0x2207, "nabla"},
    {0x2208, "in"},     {0x2209, "notin"},     {0x220F, "prod"},     {0x2211, "sum"},        {0x2213, "mp"},
    {0x2218, "circ"},   {0x221A, "sqrt"},      {0x221D, "propto"},   {0x221E, "infty"},      {0x2227, "wedge"},
    {0x2228, "vee"},    {0x2229, "cap"},       {0x222A, "cup"},      {0x222B, "int"},        {0x222C, "iint"},
    {0x222D, "iiint"},  {0x222E, "oint"},      {0x222F, "oiint"},    {0x2230, "oiiint"},     {0x2248, "approx"},
    {0x2260, "neq"},    {0x2261, "equiv"},     {0x2264, "leq"},      {0x2265, "geq"},        {0x2282, "subset"},
    {0x2283, "supset"}, {0x2286, "subseteq"},  {0x22C0, "bigwedge"}, {0x22C1, "bigvee"},     {0x22C2, "bigcap"},
    {0x22C3, "bigcup"}, {0x22C5, "cdot"},      {0x22EF, "cdots"},    {0x27E8, "langle"},     {0x27E9, "rangle"},
};

static const struct symbol accents[] = {{0x300, "grave"}, {0x301, "acute"}, {0x302, "hat"},  {0x303, "tilde"}, {0x304, "bar"},       {0x305, "overline"},
                                        {0x306, "breve"}, {0x307, "dot"},   {0x308, "ddot"}, {0x30C, "check"}, {0x332, "underline"}, {0x20D7, "vec"}};

static const char *name_of(const struct symbol *list, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].c == c)
            return list[i].name;
    return NULL;
}

static void put_character(struct buf *to, uint32_t c)
{
    char bytes[4];
    const char *name = name_of(symbols, sizeof symbols / sizeof *symbols, c);
    if (name) {
        buf_printf(to, "\\%s ", name);
        return;
    }
    if (c < 0x80 && strchr("{}%#&_$", (int)c))
        buf_char(to, '\\');
    buf_put(to, bytes, utf8_put(bytes, c));
}

static void put_characters(struct buf *to, struct span text)
{
    while (text.n) {
        uint32_t c;
        text = span_skip(text, utf8_next(text, &c));
        if (c != UTF8_INVALID)
            put_character(to, c);
    }
}

static struct frame *frame_above(struct math *m, int levels)
{
    return m->depth > levels ? &m->frames[m->depth - 1 - levels] : NULL;
}

static const struct rule *rule_of(const char *parent, const char *child)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].parent, parent) == 0 && strcmp(rules[i].child, child) == 0)
            return &rules[i];
    return NULL;
}

/* A property of the element whose properties are being read. */
static void read_property(struct math *m, struct frame *owner)
{
    struct part *part = m->part;
    char value[SIGN_SIZE];
    if (part_is(part, "chr") || part_is(part, "begChr"))
        part_attribute(part, "val", owner->sign, sizeof owner->sign);
    else if (part_is(part, "endChr"))
        part_attribute(part, "val", owner->end, sizeof owner->end);
    else if (part_is(part, "sepChr"))
        part_attribute(part, "val", owner->between, sizeof owner->between);
    else if (part_is(part, "pos") && part_attribute(part, "val", value, sizeof value))
        owner->on_top = strcmp(value, "top") == 0;
    else if (part_is(part, "type") && part_attribute(part, "val", value, sizeof value))
        owner->bar = strcmp(value, "lin") == 0 || strcmp(value, "skw") == 0 ? BAR_SLASH : strcmp(value, "noBar") == 0 ? BAR_NONE : BAR_DRAWN;
}

/* "…Pr": the properties of the current element. */
static bool read_properties(struct math *m, struct frame *owner)
{
    int depth = xmlTextReaderDepth(m->part->reader);
    if (part_ends(m->part))
        return true;
    while (part_next(m->part) == 1) {
        if (xmlTextReaderDepth(m->part->reader) <= depth)
            return true;
        if (part_starts(m->part) && owner)
            read_property(m, owner);
    }
    return false;
}

static uint32_t first_character(const char *text)
{
    uint32_t c = 0;
    if (text[0])
        utf8_next(span_of(text), &c);
    return c;
}

/* "\left(": a delimiter that is not there is a point. */
static void put_delimiter(struct math *m, const char *command, const char *sign)
{
    buf_str(m->to, command);
    if (sign[0])
        put_characters(m->to, span_of(sign));
    else
        buf_char(m->to, '.');
}

/* What stands between two children of a list, and in front of the first one. */
static void begin_child(struct math *m, struct frame *parent)
{
    const char *name = parent->name;
    bool first = parent->children++ == 0;
    if (strcmp(name, "d") == 0 && first)
        put_delimiter(m, "\\left", parent->sign);
    else if (strcmp(name, "d") == 0)
        buf_str(m->to, parent->between);
    else if (strcmp(name, "m") == 0 || strcmp(name, "eqArr") == 0)
        buf_str(m->to, !first ? " \\\\ " : name[0] == 'm' ? "\\begin{matrix}" : "\\begin{aligned}");
    else if (strcmp(name, "mr") == 0 && !first)
        buf_str(m->to, " & ");
    else if (strcmp(name, "nary") == 0 && first)
        put_character(m->to, first_character(parent->sign));
    else if (strcmp(name, "rad") == 0 && first && !part_is(m->part, "deg"))
        buf_str(m->to, "\\sqrt");
    else if (strcmp(name, "groupChr") == 0 && first)
        buf_str(m->to, parent->on_top ? "\\overbrace" : "\\underbrace");
    else if (strcmp(name, "acc") == 0 && first) {
        const char *accent = name_of(accents, sizeof accents / sizeof *accents, first_character(parent->sign));
        buf_printf(m->to, "\\%s", accent ? accent : "hat");
    }
}

static void begin_frame(struct math *m, const struct frame *parent, const struct rule *rule)
{
    struct frame *f = &m->frames[m->depth++];
    const char *name = (const char *)xmlTextReaderConstLocalName(m->part->reader);
    *f = (struct frame){.sign = "(", .end = ")", .between = "|"};
    span_to_cstr(span_of(name), f->name, sizeof f->name);
    if (strcmp(f->name, "nary") == 0)
        strncpy(f->sign, "\xE2\x88\xAB", sizeof f->sign - 1); /* the integral */
    if (parent && parent->bar == BAR_SLASH)
        buf_str(m->to, strcmp(f->name, "den") == 0 ? "/" : "");
    else if (parent && parent->bar == BAR_NONE && strcmp(f->name, "num") == 0)
        buf_str(m->to, "\\genfrac{}{}{0pt}{}{");
    else if (rule)
        buf_str(m->to, rule->open);
    f->start = m->to->n;
}

static void insert(struct buf *to, size_t at, char c)
{
    buf_char(to, c);
    if (to->failed)
        return;
    memmove(to->p + at + 1, to->p + at, to->n - at - 1);
    to->p[at] = c;
}

/* Braces around a base of more than one character, so that the script belongs to all of it. */
static void close_base(struct math *m, const struct frame *f, const struct frame *parent)
{
    bool base = parent->name[0] == 's' && strcmp(f->name, "e") == 0 && strcmp(parent->name, "sPre") != 0;
    if (!base || m->to->n <= f->start || utf8_length((struct span){m->to->p + f->start, m->to->n - f->start}) < 2)
        return;
    insert(m->to, f->start, '{');
    buf_char(m->to, '}');
}

static void erase(struct buf *to, size_t at, size_t n)
{
    memmove(to->p + at, to->p + at + n, to->n - at - n);
    to->n -= n;
}

/* The end of a list of children. */
static void end_list(struct math *m, const struct frame *f)
{
    static const struct span aligned = SPAN("\\begin{aligned}");
    if (f->children == 0 || m->to->failed)
        return;
    if (strcmp(f->name, "d") == 0)
        put_delimiter(m, "\\right", f->end);
    else if (strcmp(f->name, "m") == 0)
        buf_str(m->to, "\\end{matrix}");
    else if (strcmp(f->name, "eqArr") == 0 && f->children > 1)
        buf_str(m->to, "\\end{aligned}");
    else if (strcmp(f->name, "eqArr") == 0)
        erase(m->to, f->start, aligned.n); /* a single line needs no alignment */
}

/* A command of LaTeX for this function: "sin", or "lim" with what stands below it. */
static bool is_function(struct span text)
{
    static const char *const names[] = {"sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "log",
                                        "ln",  "lg",  "exp", "lim", "max", "min", "sup",  "inf",  "det",  "dim",    "ker",    "gcd",    "arg"};
    size_t n = 0;
    while (n < text.n && (text.p[n] | 32) >= 'a' && (text.p[n] | 32) <= 'z')
        n++;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_eq((struct span){text.p, n}, span_of(names[i])))
            return true;
    return false;
}

/* The end of a child that has a rule: an empty one leaves no trace where it need not be there. */
static void end_child(struct math *m, const struct frame *f, const struct rule *rule)
{
    struct span text = {m->to->p + f->start, m->to->n - f->start};
    size_t opened = strlen(rule->open);
    if (strcmp(rule->child, "fName") == 0 && f->start >= opened && !is_function(text))
        erase(m->to, f->start - opened, opened);
    else if (text.n == 0 && strcmp(rule->child, "deg") == 0)
        m->to->n--; /* the "[" */
    else if (text.n == 0 && (strcmp(rule->child, "sub") == 0 || strcmp(rule->child, "sup") == 0 || strcmp(rule->child, "lim") == 0))
        m->to->n -= opened;
    else
        buf_str(m->to, rule->close);
}

static void end_frame(struct math *m)
{
    struct frame *f = &m->frames[--m->depth], *parent = frame_above(m, 0);
    const struct rule *rule = parent ? rule_of(parent->name, f->name) : NULL;
    end_list(m, f);
    if (m->to->failed || !parent)
        return;
    if (rule && parent->bar != BAR_SLASH)
        end_child(m, f, rule);
    else
        close_base(m, f, parent);
}

static bool is_properties(const struct part *part)
{
    struct span name = span_of((const char *)xmlTextReaderConstLocalName(part->reader));
    return name.n > 2 && name.p[name.n - 2] == 'P' && name.p[name.n - 1] == 'r';
}

static bool begin_element(struct math *m)
{
    struct frame *parent = frame_above(m, 0);
    if (m->depth == MATH_DEPTH_MAX)
        return sink_refuse(m->part->package->out, EXTRACT_TOO_COMPLEX, "An equation of the document is nested too deeply.");
    const struct rule *rule = parent ? rule_of(parent->name, (const char *)xmlTextReaderConstLocalName(m->part->reader)) : NULL;
    if (rule && parent)
        begin_child(m, parent);
    begin_frame(m, parent, rule);
    m->in_text = part_is(m->part, "t");
    return true;
}

static bool read_nodes(struct math *m)
{
    struct part *part = m->part;
    while (m->depth > 0 && part_next(part) == 1) {
        if (part_starts(part) && is_properties(part)) {
            if (!read_properties(m, frame_above(m, 0)))
                return false;
            continue;
        }
        if (part_starts(part)) {
            if (!begin_element(m))
                return false;
        } else if (m->in_text)
            put_characters(m->to, part_text(part));
        if (!part_ends(part))
            continue;
        m->in_text = false;
        end_frame(m);
    }
    return part->package->out->error == EXTRACT_OK;
}

static bool is_plain(struct span equation)
{
    return !memchr(equation.p, '\\', equation.n) && !memchr(equation.p, '^', equation.n) && !memchr(equation.p, '_', equation.n);
}

bool ooxml_math_put(struct part *part, struct buf *to)
{
    struct math m = {.part = part, .to = to};
    if (part_ends(part))
        return true;
    size_t start = to->n;
    begin_frame(&m, NULL, NULL);
    bool ok = read_nodes(&m);
    if (to->failed || to->n == start)
        return ok;
    struct span equation = {to->p + start, to->n - start};
    if (!is_plain(equation)) {
        insert(to, start, '$');
        while (to->n && to->p[to->n - 1] == ' ')
            to->n--;
        buf_char(to, '$');
    }
    return ok;
}
