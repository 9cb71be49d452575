// The table that the guest reads from /calls: table.ts writes it.
#pragma once
#include "linux.h"

struct field {
  uint32_t width, pool, shape, first, count;
};
struct call_row {
  uint32_t number, count;
  struct field arguments[6];
};
struct shape {
  uint32_t first, count, most;
};
static struct table {
  uint32_t order_count, call_count, shape_count, field_count, value_count, string_count;
  const uint64_t *values;
  const uint32_t *order;
  const struct call_row *calls;
  const struct shape *shapes;
  const struct field *fields;
  const uint32_t *offsets;
  const char *strings;
} table;

static char table_bytes[256 << 10] __attribute__((aligned(8)));

static void read_table(void) {
  long fd = must(sys(open, "/calls", O_RDONLY, 0), "/calls");
  for (long at = 0, count; (count = must(sys(read, fd, table_bytes + at, sizeof table_bytes - at), "read")) > 0; at += count) {}
  sys(close, fd);
  const uint32_t *head = (const uint32_t *)table_bytes;
  if (head[0] != 0x7a7a7566) must(-8, "/calls");
  memcpy(&table, head + 1, 6 * sizeof *head);
  table.values = (const uint64_t *)(head + 8);
  table.order = (const uint32_t *)(table.values + table.value_count);
  table.calls = (const struct call_row *)(table.order + table.order_count);
  table.shapes = (const struct shape *)(table.calls + table.call_count);
  table.fields = (const struct field *)(table.shapes + table.shape_count);
  table.offsets = (const uint32_t *)(table.fields + table.field_count);
  table.strings = (const char *)(table.offsets + table.string_count);
}
