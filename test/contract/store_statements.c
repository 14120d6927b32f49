/* Prints every statement of the store, one a line: name, TAB, text. */
#include <stdio.h>

#include "store/statements.h"

int main(void)
{
    size_t count;
    const struct statement_list *lists = store_statements(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < lists[i].count; j++)
            printf("%s\t%s\n", lists[i].statements[j].name, lists[i].statements[j].sql);
    return 0;
}
