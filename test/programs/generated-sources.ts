// Large sources for compilers and formatters, the same each time: a C program, and JavaScript.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** A program of some 5,000 lines: functions over integers, doubles, structures, strings and pointers to one another; it prints sums that depend on all of them. */
export function cProgram(functions = 430): string {
  const lines = [
    "#include <stdint.h>",
    "#include <stdio.h>",
    "#include <stdlib.h>",
    "#include <string.h>",
    "#include <math.h>",
    "typedef struct node { struct node *next; uint32_t key; double weight; char name[16]; } node;",
    "typedef uint32_t step(uint32_t, node *);",
    "static uint32_t mix(uint32_t h, uint32_t k) { h ^= k * 0x9e3779b1u; h = (h << 13) | (h >> 19); return h * 5 + 0xe6546b64u; }",
  ];
  for (let i = 0; i < functions; i++) lines.push("", ...cFunction(i));
  lines.push("", `static step *const steps[${functions}] = {`);
  for (let i = 0; i < functions; i += 8) lines.push(`  ${Array.from({ length: Math.min(8, functions - i) }, (_, k) => `step${i + k},`).join(" ")}`);
  lines.push(
    "};",
    "int main(void) {",
    "  uint32_t h = 2166136261u;",
    "  node *list = NULL;",
    "  for (int round = 0; round < 40; round++) {",
    `    for (int i = 0; i < ${functions}; i++) h = mix(h, steps[(h >> 3) % ${functions}](h, list));`,
    "    node *made = calloc(1, sizeof *made);",
    '    made->next = list; made->key = h; made->weight = sqrt(h); snprintf(made->name, sizeof made->name, "n%08x", h);',
    "    list = made;",
    "  }",
    "  double weights = 0;",
    "  for (node *at = list; at; at = at->next) weights += at->weight;",
    '  printf("%08x %.6f %s\\n", h, weights, list->name);',
    "  while (list) { node *next = list->next; free(list); list = next; }",
    "  return h & 0x3f;",
    "}",
  );
  return `${lines.join("\n")}\n`;
}
function cFunction(i: number): readonly string[] {
  const [a, b, c] = [(i * 7919) % 1009, (i * 104_729) % 4093, (i % 29) + 2];
  const bodies: readonly (readonly string[])[] = [
    [
      "  uint32_t sum = 0;",
      `  for (uint32_t k = 0; k < ${c}; k++) {`,
      `    sum += (h >> (k % 24)) * ${a}u;`,
      "    if (sum & 1) sum ^= h;",
      "    else sum = mix(sum, k);",
      "  }",
      "  (void)list;",
      "  return sum;",
    ],
    [
      "  double x = (h % 1000) / 10.0, y = 0;",
      `  for (int k = 1; k <= ${c}; k++) {`,
      `    y += sin(x * k) / k + ${b} * 1e-3;`,
      "    if (y > 1e6) break;",
      "  }",
      "  if (list) y += fmod(list->weight, 17.0);",
      "  return (uint32_t)(int64_t)(y * 1000);",
    ],
    [
      "  uint32_t found = 0;",
      "  for (node *at = list; at; at = at->next) {",
      `    if (at->key % ${c} == 0) found += at->key;`,
      "    else found ^= (uint32_t)strlen(at->name);",
      "  }",
      `  return found + ${a};`,
    ],
    [
      "  char text[64];",
      `  int length = snprintf(text, sizeof text, "%u:%x:%d", h, h ^ ${b}u, ${a});`,
      "  uint32_t sum = 0;",
      "  for (int k = 0; k < length; k++) {",
      "    switch (text[k]) {",
      "      case ':': sum = mix(sum, 58); break;",
      "      case '0': case '1': case '2': sum += 3; break;",
      "      default: sum = sum * 31 + (unsigned char)text[k];",
      "    }",
      "  }",
      "  (void)list;",
      "  return sum;",
    ],
    [
      `  int32_t grid[${c}][${c}];`,
      `  for (int r = 0; r < ${c}; r++)`,
      `    for (int k = 0; k < ${c}; k++) grid[r][k] = (int32_t)(h >> (r & 7)) % ${a + 1} - k;`,
      "  int64_t sum = 0;",
      `  for (int r = 0; r < ${c}; r++) {`,
      `    int64_t row = 0;`,
      `    for (int k = 0; k < ${c}; k++) row += (int64_t)grid[r][k] * grid[k][r];`,
      "    sum += row >> 2;",
      "  }",
      "  return (uint32_t)sum + (list != NULL);",
    ],
  ];
  return [`static uint32_t step${i}(uint32_t h, node *list) {`, ...bodies[i % bodies.length]!, "}"];
}

const ROOT = join(import.meta.dirname, "../..");
const bundles = new Map<string, string>();
/** Ink with all that it imports, in one file of above a megabyte; package-lock.json pins every part. */
export function javaScript(): string {
  const build = () =>
    execFileSync(
      join(ROOT, "node_modules/@esbuild/linux-x64/bin/esbuild"),
      ["--bundle", "--platform=node", "--format=esm", '--define:process.env.NODE_ENV="production"', "--external:react-devtools-core"],
      {
        cwd: ROOT,
        input: ["ink", "rxjs", "immer"].map((name, at) => `export * as part${at} from ${JSON.stringify(name)};\n`).join(""),
        encoding: "utf8",
        maxBuffer: 2 ** 28,
      },
    );
  const made = bundles.get("ink") ?? build();
  bundles.set("ink", made);
  return made;
}
