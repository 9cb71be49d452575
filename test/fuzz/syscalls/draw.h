// Draws an argument from its pool. Each task has its own generator and scratch memory; what calls returned lately is everybody's who shares the memory.
#pragma once
#include "table.h"

enum { PAGE = 4096, SCRATCH = 12 << 10, RECENT = 16, ARENA_PAGES = 16, MOST_DEPTH = 3, OF_A_KIND = 4 };

struct task {
  uint64_t random;
  uint32_t used;
  char scratch[SCRATCH] __attribute__((aligned(16)));
};
static long supervisor;
/// Arena: pages to read and write, then one to read only, then none at all.
static char *arena;
static uint64_t recent_numbers[RECENT], recent_addresses[RECENT];
static uint32_t recent_count, kind_counts[KINDS];
static int descriptors[KINDS][OF_A_KIND];
void handle(int signal);

static uint64_t next(struct task *task) {
  // Sebastiano Vigna's splitmix64: public domain, and one word of state.
  uint64_t z = task->random += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
static uint64_t below(struct task *task, uint64_t limit) { return next(task) % limit; }
static int one_in(struct task *task, uint64_t count) { return below(task, count) == 0; }
#define pick(task, list) ((list)[below(task, sizeof(list) / sizeof *(list))])

static const uint64_t EDGES[] = {
    0x7f, 0x80, 0xff, 0x100, 0xfff, 0x1000, 0x1001, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7ffffffffffff000, 0x7fffffffffffffff, 0x8000000000000000,
    -1UL, -2UL, -22UL, -4096UL, -0x80000000UL,
};
static uint64_t draw_number(struct task *task) {
  switch (below(task, 8)) {
    case 0: return 0;
    case 1: return 1;
    case 2: return below(task, 8);
    case 3: return below(task, 70);
    case 4: return recent_numbers[below(task, RECENT)];
    case 5: return pick(task, EDGES);
    case 6: return 1UL << below(task, 64);
    default: return one_in(task, 4) ? next(task) : below(task, 5000);
  }
}
static uint64_t draw_size(struct task *task) {
  static const uint64_t sizes[] = {0, 1, 2, 4, 8, 8, 16, 16, 24, 32, 64, 100, 128, 255, 256, 512, 1024, 4095, 4096, 4097, 8192, 65536, 65537};
  if (one_in(task, 12)) return pick(task, EDGES);
  if (one_in(task, 24)) return 1UL << below(task, 48);
  return pick(task, sizes);
}
static uint64_t draw_offset(struct task *task) {
  static const uint64_t offsets[] = {0, 0, 0, 1, 2, 8, 100, 511, 4095, 4096, 4097, 8192, 65536, 1 << 20, -1UL, -8UL};
  return one_in(task, 10) ? pick(task, EDGES) : pick(task, offsets);
}
static uint64_t draw_address(struct task *task) {
  uint64_t page = (uint64_t)arena + PAGE * below(task, ARENA_PAGES + 3);
  switch (below(task, 20)) {
    case 0: return 0;
    case 1: return page + below(task, PAGE);
    case 2: return page + PAGE - (1UL << below(task, 7));
    case 3: return recent_addresses[below(task, RECENT)];
    case 4: return recent_addresses[below(task, RECENT)] + PAGE;
    case 5: return (uint64_t)task->scratch + below(task, SCRATCH);
    case 6: return 0x7fffffffe000 + below(task, 2) * PAGE;
    case 7: {
      static const uint64_t bad[] = {1, 0x1000, 0x10000, 0x800000000000, 0xffff800000000000, 0xffffffff81000000, 0xffffffffff600000, -1UL, -8UL, -4096UL, 0x7ffffffff000, 0x7fffffffeff8};
      return pick(task, bad);
    }
    case 8: return one_in(task, 8) ? (uint64_t)handle & -(uint64_t)PAGE : 0x200000000000 + (below(task, 64) << 20);
    default: return page;
  }
}
static uint64_t draw_fd(struct task *task, const struct field *field) {
  static const uint64_t others[] = {-1UL, -100UL, 63, 200, 1023, 1024, 0x7fffffff, 0xffffffff};
  if (one_in(task, 24)) return pick(task, others);
  if (one_in(task, 12)) return recent_numbers[below(task, RECENT)];
  if (field->count > 0 && !one_in(task, 4)) {
    uint64_t kind = table.values[field->first + below(task, field->count)];
    return (uint64_t)descriptors[kind][below(task, OF_A_KIND)];
  }
  return below(task, 44);
}
static uint64_t draw_pid(struct task *task) {
  switch (below(task, 12)) {
    case 0: return 0;
    case 1: return (uint64_t)sys(getppid);
    case 2: return (uint64_t)sys(gettid);
    case 3: return -1UL;
    case 4: return 1;
    case 5: return (uint64_t)supervisor;
    case 6: return -(uint64_t)sys(getpgrp);
    case 7: return 99999;
    case 8: return recent_numbers[below(task, RECENT)];
    case 9: return (uint64_t)sys(getpid) + 1 + below(task, 3);
    default: return (uint64_t)sys(getpid);
  }
}
/// Room for a structure: mostly in scratch memory, at times so that it ends with a page, lies across the end of what is mapped, or is not there.
static char *place(struct task *task, size_t size, int *is_writable) {
  *is_writable = 1;
  if (one_in(task, 16) && size <= PAGE) return arena + ARENA_PAGES * PAGE - size;
  if (one_in(task, 40)) {
    *is_writable = 0;
    return one_in(task, 2) ? (char *)draw_address(task) : arena + (ARENA_PAGES + 1) * PAGE - below(task, size + 1);
  }
  size = (size + 15) & ~15UL;
  if (task->used + size > SCRATCH) {
    *is_writable = size <= SCRATCH;
    return task->scratch;
  }
  char *found = task->scratch + task->used;
  task->used += size;
  return found;
}
static uint64_t draw_path(struct task *task) {
  const char *text = table.strings + table.offsets[below(task, table.string_count)];
  size_t length = text_length(text) + 1;
  int is_writable;
  char *to = place(task, length, &is_writable);
  if (!is_writable) return (uint64_t)to;
  memcpy(to, text, length > SCRATCH ? SCRATCH : length);
  return (uint64_t)to;
}

static uint64_t draw(struct task *task, const struct field *field, int depth);
static uint64_t draw_structure(struct task *task, const struct shape *shape, int depth) {
  if (depth > MOST_DEPTH) return 0;
  const struct field *fields = table.fields + shape->first;
  uint64_t count = shape->most == 1 ? 1 : 1 + below(task, shape->most), width = 0;
  for (uint32_t i = 0; i < shape->count; i++) width += fields[i].width;
  int is_writable;
  char *start = place(task, width * count, &is_writable), *at = start;
  if (!is_writable || width * count > SCRATCH) return (uint64_t)start;
  if (shape->count == 1 && fields->pool == POOL_PATH) return draw_path(task);
  for (; count; count--)
    for (uint32_t i = 0; i < shape->count; i++) {
      uint64_t value = draw(task, fields + i, depth + 1);
      memcpy(at, &value, fields[i].width);
      at += fields[i].width;
    }
  return (uint64_t)start;
}
static uint64_t draw(struct task *task, const struct field *field, int depth) {
  static const uint64_t ids[] = {0, 0, 0, 1, 1000, 65534, -1UL};
  const uint64_t *values = table.values + field->first;
  uint64_t drawn = 0;
  switch (field->pool) {
    case POOL_FD: return draw_fd(task, field);
    case POOL_DIRFD: return one_in(task, 2) ? -100UL : one_in(task, 2) ? (uint64_t)descriptors[KIND_DIRECTORY][below(task, OF_A_KIND)] : draw_fd(task, field);
    case POOL_PATH: return draw_path(task);
    case POOL_SIZE: return draw_size(task);
    case POOL_FLAGS:
      if (field->count == 0 || one_in(task, 60)) return draw_number(task);
      for (uint64_t left = below(task, 4); left; left--) drawn |= values[below(task, field->count)];
      return one_in(task, 30) ? drawn ^ 1UL << below(task, 32) : drawn;
    case POOL_CHOICE: return field->count == 0 || one_in(task, 30) ? draw_number(task) : values[below(task, field->count)];
    case POOL_PID: return draw_pid(task);
    case POOL_OFFSET: return draw_offset(task);
    case POOL_ID: return one_in(task, 12) ? draw_number(task) : pick(task, ids);
    case POOL_ADDRESS: return draw_address(task);
    case POOL_STRUCTURE: return one_in(task, 16) ? 0 : draw_structure(task, table.shapes + field->shape, depth);
    case POOL_SIGNAL: return one_in(task, 3) ? below(task, 66) : 10 + 2 * below(task, 2);
    case POOL_COUNT: return one_in(task, 20) ? draw_number(task) : below(task, 5);
    case POOL_HANDLER: return one_in(task, 20) ? draw_address(task) : one_in(task, 4) ? below(task, 2) : (uint64_t)handle;
    case POOL_RESTORER: return one_in(task, 40) ? draw_address(task) : (uint64_t)restore;
    case POOL_RANDOM: return next(task);
    default: return draw_number(task);
  }
}
