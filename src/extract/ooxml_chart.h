/* Charts of Office documents (chart parts of DrawingML): title and series as text. */
#ifndef EXTRACT_OOXML_CHART_H
#define EXTRACT_OOXML_CHART_H

#include "extract/ooxml.h"

/* Writes the chart's title, then its numbers as a table: a row a category, a column a series. A missing part is nothing. False after
 * sink_refuse. */
bool ooxml_chart_read(struct package *p, const char *part_name, int32_t page);

#endif
