// Indirect jumps and calls: first a stack machine whose loop is a switch, then objects whose method is found through a table.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum Operation { PUSH, ADD, SUBTRACT, MULTIPLY, DUPLICATE, SWAP, IS_LESS, JUMP_IF, LOAD, STORE, XOR, SHIFT_RIGHT, HALT };

static uint64_t interpret(const int32_t *program, uint64_t limit) {
  uint64_t stack[64], variables[8] = {limit};
  int depth = 0;
  const int32_t *next = program;
  for (;;) {
    switch (*next++) {
    case PUSH: stack[depth++] = *next++; break;
    case ADD: depth--, stack[depth - 1] += stack[depth]; break;
    case SUBTRACT: depth--, stack[depth - 1] -= stack[depth]; break;
    case MULTIPLY: depth--, stack[depth - 1] *= stack[depth]; break;
    case DUPLICATE: stack[depth] = stack[depth - 1], depth++; break;
    case SWAP: {
      uint64_t top = stack[depth - 1];
      stack[depth - 1] = stack[depth - 2];
      stack[depth - 2] = top;
      break;
    }
    case IS_LESS: depth--, stack[depth - 1] = stack[depth - 1] < stack[depth]; break;
    case JUMP_IF: {
      int32_t target = *next++;
      if (stack[--depth]) next = program + target;
      break;
    }
    case LOAD: stack[depth++] = variables[*next++]; break;
    case STORE: variables[*next++] = stack[--depth]; break;
    case XOR: depth--, stack[depth - 1] ^= stack[depth]; break;
    case SHIFT_RIGHT: depth--, stack[depth - 1] >>= stack[depth]; break;
    case HALT: return variables[2];
    }
  }
}

enum { LIMIT_VARIABLE, COUNTER, HASH, LOOP = 8 };
// do { hash = hash * 31 + counter; hash ^= hash >> 7; } while (++counter < limit);
static const int32_t hashing[] = {
    PUSH, 0, STORE, COUNTER, PUSH, 1, STORE, HASH,
    LOAD, HASH, PUSH, 31, MULTIPLY, LOAD, COUNTER, ADD, DUPLICATE, PUSH, 7, SHIFT_RIGHT, XOR, STORE, HASH,
    LOAD, COUNTER, PUSH, 1, ADD, DUPLICATE, STORE, COUNTER, LOAD, LIMIT_VARIABLE, IS_LESS, JUMP_IF, LOOP, HALT};

struct Shape;
struct Methods {
  uint64_t (*step)(struct Shape *, uint64_t);
};
struct Shape {
  const struct Methods *methods;
  uint64_t size;
};
static uint64_t step_by_adding(struct Shape *shape, uint64_t x) { return x + shape->size; }
static uint64_t step_by_mixing(struct Shape *shape, uint64_t x) { return x ^ (shape->size << 3); }
static uint64_t step_by_tripling(struct Shape *shape, uint64_t x) { return x * 3 + shape->size; }
static uint64_t step_by_halving(struct Shape *shape, uint64_t x) { return (x >> 1) + shape->size * 5; }
static const struct Methods kinds[4] = {{step_by_adding}, {step_by_mixing}, {step_by_tripling}, {step_by_halving}};

enum { SHAPES = 1024 };
static uint64_t call_methods(uint64_t calls) {
  struct Shape *shapes = malloc(sizeof(struct Shape) * SHAPES);
  uint32_t random = 7;
  for (int i = 0; i < SHAPES; i++) {
    random = random * 1664525 + 1013904223;
    shapes[i].methods = &kinds[random >> 30];
    shapes[i].size = random >> 5;
  }
  uint64_t x = 1;
  for (uint64_t i = 0; i < calls; i++) {
    struct Shape *shape = &shapes[i % SHAPES];
    x = shape->methods->step(shape, x);
  }
  return x;
}

int main(int argc, char **argv) {
  uint64_t rounds = argc > 1 ? strtoull(argv[1], 0, 10) : 15000000;
  uint64_t hash = interpret(hashing, rounds);
  printf("vm %lx %lx\n", hash, call_methods(rounds * 3));
}
