/* List numbers: Roman ones and letters. */
#include "extract/list_label.h"

void list_roman_put(struct buf *b, int32_t n, bool upper)
{
    static const struct {
        int32_t value;
        const char *upper, *lower;
    } digits[] = {{1000, "M", "m"}, {900, "CM", "cm"}, {500, "D", "d"}, {400, "CD", "cd"}, {100, "C", "c"}, {90, "XC", "xc"}, {50, "L", "l"},
                  {40, "XL", "xl"}, {10, "X", "x"},    {9, "IX", "ix"}, {5, "V", "v"},     {4, "IV", "iv"}, {1, "I", "i"}};
    if (n > 3999)
        buf_printf(b, "%d", n);
    for (size_t i = 0; n <= 3999 && i < sizeof digits / sizeof *digits; i++)
        for (; n >= digits[i].value; n -= digits[i].value)
            buf_str(b, upper ? digits[i].upper : digits[i].lower);
}

void list_letter_put(struct buf *b, int32_t n, char first)
{
    for (int32_t times = (n - 1) / 26 + 1; n > 0 && times > 0 && times <= 32; times--)
        buf_char(b, (char)(first + (n - 1) % 26));
}
