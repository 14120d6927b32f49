/* Properties of characters and paragraphs in Word documents: pages of 512 bytes that say what holds for which bytes of the text ([MS-DOC] 2.9.33 and
 * 2.9.175), as lists of changes, each a number and its operand. */
#include "extract/binary.h"
#include "extract/doc_file.h"

enum { PAGE_SIZE_BYTES = 512, VARIABLE = 0xFF };

/* The last of n+1 rising offsets in front of `at`; -1 when it lies outside of them. */
static int64_t find_offset(struct span offsets, size_t n, uint32_t at)
{
    size_t low = 0, high = n;
    if (n == 0 || at < le32(offsets, 0) || at >= le32(offsets, n * 4))
        return -1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (le32(offsets, middle * 4) <= at)
            low = middle;
        else
            high = middle;
    }
    return (int64_t)low;
}

/* A paragraph's style and changes, at an offset of its page. The length is in words; in Word 97 it may be one byte less or stand in a second byte. */
static void read_paragraph(const struct doc_file *f, struct span page, size_t at, struct doc_run *run)
{
    size_t length = (size_t)le8(page, at) * 2, skip = 1;
    if (!f->old && length == 0) {
        length = (size_t)le8(page, at + 1) * 2;
        skip = 2;
    } else if (!f->old) {
        length--;
    }
    struct span all = slice(page, at + skip, length);
    run->style = le16(all, 0);
    run->changes = slice(all, 2, UINT64_MAX);
}

static void read_entry(const struct doc_file *f, bool paragraphs, struct span page, size_t index, struct doc_run *run)
{
    size_t count = le8(page, PAGE_SIZE_BYTES - 1), size = !paragraphs ? 1 : f->old ? 7 : 13;
    size_t at = le8(page, (count + 1) * 4 + index * size) * 2;
    if (at == 0)
        return;
    if (paragraphs)
        read_paragraph(f, page, at, run);
    else
        run->changes = slice(page, at + 1, le8(page, at));
}

struct doc_run doc_run_at(const struct doc_file *f, enum doc_table pages, uint32_t at)
{
    struct doc_run run = {at, at + 1, 0, {"", 0}};
    struct span table = doc_table(f, pages, NULL);
    size_t width = f->old ? 2 : 4, count = table.n < 4 ? 0 : (table.n - 4) / (4 + width);
    int64_t which = find_offset(table, count, at);
    if (which < 0) {
        run.to = count > 0 && at < le32(table, 0) ? le32(table, 0) : UINT32_MAX;
        return run;
    }
    run.to = le32(table, (size_t)which * 4 + 4);
    size_t entry = (count + 1) * 4 + (size_t)which * width;
    uint32_t number = f->old ? le16(table, entry) : le32(table, entry) & 0x3FFFFF;
    struct span page = slice(f->main, (uint64_t)number * PAGE_SIZE_BYTES, PAGE_SIZE_BYTES);
    size_t runs = le8(page, PAGE_SIZE_BYTES - 1);
    int64_t index = find_offset(page, runs, at);
    if (page.n < PAGE_SIZE_BYTES || index < 0)
        return run;
    run.from = le32(page, (size_t)index * 4);
    run.to = le32(page, (size_t)index * 4 + 4);
    read_entry(f, pages == DOC_PARAGRAPH_PAGES, page, (size_t)index, &run);
    return run;
}

/* Numbers of the changes that matter, in Word 97 and before. */
static const struct {
    uint16_t code, old_code;
    enum doc_property property;
} known[] = {{0x0800, 65, DOC_DELETED},   {0x083C, 92, DOC_HIDDEN},  {0x0835, 85, DOC_BOLD},           {0, 93, DOC_FONT},          {0x4600, 2, DOC_STYLE},
             {0x2416, 24, DOC_IN_TABLE},  {0x2417, 25, DOC_ROW_END}, {0x3404, 186, DOC_ROW_IS_HEADER}, {0x2640, 0, DOC_OUTLINE},   {0x460B, 0, DOC_LIST},
             {0x260A, 0, DOC_LIST_LEVEL}, {0x6649, 0, DOC_NESTING},  {0x244B, 0, DOC_INNER_CELL},      {0x244C, 0, DOC_INNER_CELL}};

static enum doc_property property_of(bool old, uint32_t code)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (code && code == (old ? known[i].old_code : known[i].code))
            return known[i].property;
    return DOC_OTHER;
}

/* Bytes of the operand in Word 97: three bits of the number say it, but for two changes of tables and tab stops. */
static size_t operand_size(struct span s, uint32_t code, size_t *skip)
{
    static const unsigned char sizes[8] = {1, 1, 2, 4, 2, 2, VARIABLE, 3};
    if (sizes[code >> 13] != VARIABLE)
        return sizes[code >> 13];
    *skip = 1;
    if (code == 0xD608) { /* a table's cells */
        *skip = 2;
        return le16(s, 2) > 0 ? le16(s, 2) - 1 : 0;
    }
    if (code == 0xC615 && le8(s, 2) == 255) { /* tab stops, too many to count in a byte */
        size_t removed = le8(s, 3);
        return 2 + removed * 4 + (size_t)le8(s, 4 + removed * 4) * 3;
    }
    return le8(s, 2);
}

/* The same before Word 97: the number is a byte and the sizes are a table. 0: not known, the list cannot be read on. */
static size_t old_operand_size(struct span s, uint32_t code, size_t *skip)
{
    static const unsigned char sizes[] = {
        [2] = 2,    [3] = VARIABLE,  [4] = 1,   [5] = 1,          [6] = 1,         [7] = 1,          [8] = 1,          [9] = 1,         [10] = 1,
        [11] = 1,   [12] = VARIABLE, [13] = 1,  [14] = 1,         [15] = VARIABLE, [16] = 2,         [17] = 2,         [18] = 2,        [19] = 2,
        [20] = 4,   [21] = 2,        [22] = 2,  [23] = VARIABLE,  [24] = 1,        [25] = 1,         [26] = 2,         [27] = 2,        [28] = 2,
        [29] = 1,   [30] = 2,        [31] = 2,  [32] = 2,         [33] = 2,        [34] = 2,         [35] = 2,         [36] = 2,        [37] = 1,
        [38] = 2,   [39] = 2,        [40] = 2,  [41] = 2,         [42] = 2,        [43] = 2,         [44] = 1,         [45] = 2,        [46] = 2,
        [47] = 2,   [48] = 2,        [49] = 2,  [50] = 1,         [51] = 1,        [52] = VARIABLE,  [53] = VARIABLE,  [65] = 1,        [66] = 1,
        [67] = 1,   [68] = VARIABLE, [69] = 2,  [70] = 4,         [71] = 1,        [72] = 2,         [73] = 3,         [74] = VARIABLE, [75] = 1,
        [80] = 2,   [81] = VARIABLE, [82] = 0,  [85] = 1,         [86] = 1,        [87] = 1,         [88] = 1,         [89] = 1,        [90] = 1,
        [91] = 1,   [92] = 1,        [93] = 2,  [94] = 1,         [95] = 3,        [96] = 2,         [97] = 2,         [98] = 1,        [99] = 2,
        [100] = 1,  [101] = 1,       [102] = 1, [103] = VARIABLE, [104] = 1,       [105] = VARIABLE, [106] = VARIABLE, [107] = 2,       [108] = VARIABLE,
        [109] = 2,  [110] = 2,       [117] = 1, [118] = 1,        [182] = 2,       [183] = 2,        [184] = 2,        [185] = 1,       [186] = 1,
        [187] = 12, [189] = 2,       [192] = 4};
    size_t size = code < sizeof sizes ? sizes[code] : 0;
    if (code == 188 || code == 190) {
        *skip = 2;
        return le16(s, 1) > 1 ? le16(s, 1) - 1 : 1;
    }
    if (size != VARIABLE)
        return size;
    *skip = 1;
    return le8(s, 1) ? le8(s, 1) : 1;
}

bool doc_change_next(const struct doc_file *f, struct span *changes, struct doc_change *c)
{
    size_t width = f->old ? 1 : 2, skip = 0;
    if (changes->n <= width)
        return false;
    uint32_t code = f->old ? le8(*changes, 0) : le16(*changes, 0);
    size_t size = f->old ? old_operand_size(*changes, code, &skip) : operand_size(*changes, code, &skip);
    if (f->old && size == 0)
        return false;
    *c = (struct doc_change){property_of(f->old, code), le8(*changes, width + skip)};
    if (size >= 2)
        c->value = size == 2 ? le16(*changes, width + skip) : le32(*changes, width + skip);
    *changes = slice(*changes, width + skip + size, UINT64_MAX);
    return true;
}

bool doc_piece_changes(const struct doc_file *f, const struct doc_piece *p, struct span *list, struct doc_change *single)
{
    *list = (struct span){"", 0};
    *single = (struct doc_change){DOC_OTHER, 0};
    if (p->change & 1) {
        size_t index = p->change >> 1;
        if (index < f->saved_count)
            *list = f->saved[index];
        return list->n > 0;
    }
    *single = (struct doc_change){property_of(true, p->change >> 1 & 0x7F), p->change >> 8};
    return single->property != DOC_OTHER;
}
