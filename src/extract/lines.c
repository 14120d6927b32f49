/* Looks of a line. */
#include "extract/lines.h"

#include <string.h>

size_t line_bullet(struct span line)
{
    /* hyphen, star, plus, then • ◦ ▪ ● ○ ■ □ ‣ ⁃ – and the private-use signs that Symbol and Wingdings bullets become */
    static const struct span bullets[] = {SPAN("-"),
                                          SPAN("*"),
                                          SPAN("+"),
                                          SPAN("\xE2\x80\xA2"),
                                          SPAN("\xE2\x97\xA6"),
                                          SPAN("\xE2\x96\xAA"),
                                          SPAN("\xE2\x97\x8F"),
                                          SPAN("\xE2\x97\x8B"),
                                          SPAN("\xE2\x96\xA0"),
                                          SPAN("\xE2\x96\xA1"),
                                          SPAN("\xE2\x80\xA3"),
                                          SPAN("\xE2\x81\x83"),
                                          SPAN("\xE2\x80\x93"),
                                          SPAN("\xEF\x82\xB7"),
                                          SPAN("\xEF\x82\xA7"),
                                          SPAN("\xEF\x83\x98"),
                                          SPAN("\xEF\x81\xB6"),
                                          SPAN("\xC2\xB7")};
    for (size_t i = 0; i < sizeof bullets / sizeof *bullets; i++) {
        size_t n = bullets[i].n;
        if (!span_starts(line, bullets[i]))
            continue;
        size_t skip = n;
        while (skip < line.n && (line.p[skip] == ' ' || line.p[skip] == '\t'))
            skip++;
        /* signs that also stand in prose need a space behind them */
        return (skip > n || n == 3) && skip < line.n ? skip : 0;
    }
    return 0;
}

bool line_is_numbered(struct span line)
{
    size_t i = 0, n;
    bool open = line.n && line.p[0] == '(';
    i += open;
    size_t start = i;
    while (i < line.n && i - start < 3 && line.p[i] >= '0' && line.p[i] <= '9')
        i++;
    n = i - start;
    if (n == 0) {
        while (i < line.n && i - start < 5 && memchr("ivxl", line.p[i], 4))
            i++;
        n = i - start;
        if (n == 0 && i < line.n && ((line.p[i] >= 'a' && line.p[i] <= 'z') || (line.p[i] >= 'A' && line.p[i] <= 'H')))
            n = 1, i++;
    }
    if (n == 0 || i + 2 >= line.n || (line.p[i + 1] != ' ' && line.p[i + 1] != '\t'))
        return false;
    return line.p[i] == ')' || (line.p[i] == '.' && !open);
}

bool line_is_label(struct span line)
{
    enum { LABEL_MAX = 8 };
    char item[LABEL_MAX + 2];
    if (line.n == 0 || line.n > LABEL_MAX)
        return false;
    memcpy(item, line.p, line.n);
    memcpy(item + line.n, " x", 2);
    struct span whole = {item, line.n + 2};
    return line_is_numbered(whole) || line_bullet(whole) == line.n + 1;
}

char line_is_rule(struct span line)
{
    if (line.n < 3 || !memchr("=-_*~#+", line.p[0], 7))
        return 0;
    for (size_t i = 1; i < line.n; i++)
        if (line.p[i] != line.p[0])
            return 0;
    return line.p[0];
}

bool line_is_capital(struct span line)
{
    size_t capitals = 0;
    for (size_t i = 0; i < line.n; i++) {
        if ((line.p[i] >= 'a' && line.p[i] <= 'z') || (unsigned char)line.p[i] >= 0x80)
            return false;
        capitals += line.p[i] >= 'A' && line.p[i] <= 'Z';
    }
    return capitals >= 3;
}
