// `npm start`: on a terminal the REPL on a freshly booted default guest, without one the tour.
const { env } = process;
env.NODE_ENV ??= "production";
const { main } = await import("./main.ts");
const verb = process.stdin.isTTY && process.stdout.isTTY ? "repl" : "tour";
await main([process.argv[0]!, process.argv[1]!, verb, ...process.argv.slice(2)]);

export {};
