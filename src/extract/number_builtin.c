/* The number formats that workbooks name by id alone (ECMA-376 part 1, 18.8.30), as Excel in English shows them. */
#include "extract/number_format.h"

struct span number_format_builtin(int64_t id)
{
    static const struct {
        int id;
        struct span code;
    } codes[] = {
        {1, SPAN("0")},
        {2, SPAN("0.00")},
        {3, SPAN("#,##0")},
        {4, SPAN("#,##0.00")},
        {5, SPAN("\"$\"#,##0_);(\"$\"#,##0)")},
        {6, SPAN("\"$\"#,##0_);(\"$\"#,##0)")},
        {7, SPAN("\"$\"#,##0.00_);(\"$\"#,##0.00)")},
        {8, SPAN("\"$\"#,##0.00_);(\"$\"#,##0.00)")},
        {9, SPAN("0%")},
        {10, SPAN("0.00%")},
        {11, SPAN("0.00E+00")},
        {12, SPAN("# ?/?")},
        {13, SPAN("# \?\?/\?\?")},
        {14, SPAN("m/d/yy")},
        {15, SPAN("d-mmm-yy")},
        {16, SPAN("d-mmm")},
        {17, SPAN("mmm-yy")},
        {18, SPAN("h:mm AM/PM")},
        {19, SPAN("h:mm:ss AM/PM")},
        {20, SPAN("h:mm")},
        {21, SPAN("h:mm:ss")},
        {22, SPAN("m/d/yy h:mm")},
        {27, SPAN("m/d/yy")},
        {30, SPAN("m/d/yy")},
        {31, SPAN("m/d/yy")},
        {36, SPAN("m/d/yy")},
        {37, SPAN("#,##0_);(#,##0)")},
        {38, SPAN("#,##0_);(#,##0)")},
        {39, SPAN("#,##0.00_);(#,##0.00)")},
        {40, SPAN("#,##0.00_);(#,##0.00)")},
        {41, SPAN("_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)")},
        {42, SPAN("_(\"$\"* #,##0_);_(\"$\"* (#,##0);_(\"$\"* \"-\"_);_(@_)")},
        {43, SPAN("_(* #,##0.00_);_(* (#,##0.00);_(* \"-\"\?\?_);_(@_)")},
        {44, SPAN("_(\"$\"* #,##0.00_);_(\"$\"* (#,##0.00);_(\"$\"* \"-\"\?\?_);_(@_)")},
        {45, SPAN("mm:ss")},
        {46, SPAN("[h]:mm:ss")},
        {47, SPAN("mm:ss.0")},
        {48, SPAN("##0.0E+0")},
        {49, SPAN("@")},
        {50, SPAN("m/d/yy")},
        {57, SPAN("m/d/yy")},
        {58, SPAN("m/d/yy")},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].id == id)
            return codes[i].code;
    return SPAN("General");
}
