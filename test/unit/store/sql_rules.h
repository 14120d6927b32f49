/* The rules that the text of every statement obeys, as a check on its words. */
#ifndef TEST_STORE_SQL_RULES_H
#define TEST_STORE_SQL_RULES_H

#include "store/statements.h"

/* NULL when the text obeys the rules of its scope, else what is wrong with it. */
const char *sql_fault(enum statement_scope scope, const char *sql);

#endif
