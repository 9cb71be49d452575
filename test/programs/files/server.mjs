// An HTTP server and its client in one process: keep-alive, chunked bodies, streaming, compression, an upgrade, errors, TLS, HTTP/2, UDP and a socket in the file system.
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import dgram from "node:dgram";
import { createGzip } from "node:zlib";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";

const sha = bytes => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
async function body(stream) { const chunks = []; for await (const chunk of stream) chunks.push(chunk); return Buffer.concat(chunks); }
const server = http.createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://host");
  if (pathname === "/gzip") { response.setHeader("content-encoding", "gzip"); const zip = createGzip(); zip.pipe(response); for (let i = 0; i < 2000; i++) zip.write(`row ${i}\n`); zip.end(); }
  else if (pathname === "/slow") { for (let i = 0; i < 5; i++) { response.write(`${i};`); await new Promise(resolve => setTimeout(resolve, 5)); } response.end(); }
  else if (pathname === "/broken") request.socket.destroy();
  else { const got = await body(request); response.writeHead(pathname === "/missing" ? 404 : 200, { "x-method": request.method }); response.end(JSON.stringify({ pathname, query: Object.fromEntries(searchParams), bytes: got.length, sha: sha(got) })); }
});
server.on("upgrade", (request, socket) => { socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"); socket.pipe(socket); });
server.listen(0, "127.0.0.1"); await once(server, "listening"); const { port } = server.address(); const base = `http://127.0.0.1:${port}`;
for (const [path, options] of [["/a?x=1&y=%C3%A9", {}], ["/post", { method: "POST", body: "z".repeat(300_000) }], ["/missing", { method: "PUT", body: "q" }], ["/slow", {}], ["/gzip", {}]]) { const response = await fetch(base + path, options); console.log(response.status, response.headers.get("x-method"), (await response.text()).slice(0, 120).split("\n")[0]); }
await fetch(`${base}/broken`).catch(error => console.log(error.message, error.cause?.code));
const agent = new http.Agent({ keepAlive: true, maxSockets: 3 }); const used = new Set();
const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => new Promise((resolve, reject) => { const request = http.request(`${base}/n${i}`, { agent, method: "POST" }, async response => resolve(JSON.parse(await body(response)).bytes)); request.on("socket", socket => used.add(socket)); request.on("error", reject); for (let k = 0; k < i; k++) request.write("chunk"); request.end(); })));
console.log(answers.join(","), used.size); agent.destroy();
const upgrade = http.request(base, { headers: { connection: "Upgrade", upgrade: "echo" } }).end(); const [, socket] = await once(upgrade, "upgrade"); socket.write("echoed"); console.log(String((await once(socket, "data"))[0])); socket.destroy();
await new Promise(resolve => http.get(`http://127.0.0.1:1/`).on("error", error => { console.log(error.code); resolve(); }));
server.closeAllConnections(); server.close(); await once(server, "close");

const pair = { key: readFileSync("server.key"), cert: readFileSync("server.pem") };
const secure = https.createServer(pair, (request, response) => response.end(`${request.socket.getProtocol()} ${request.url}`)).listen(0, "127.0.0.1"); await once(secure, "listening");
const getting = https.get({ port: secure.address().port, host: "127.0.0.1", path: "/tls", ca: pair.cert, servername: "localhost" }); const [answer] = await once(getting, "response"); console.log(getting.socket.authorized, String(await body(answer))); secure.close();
const two = http2.createSecureServer(pair, (request, response) => response.end(request.url.repeat(1000))).listen(0, "127.0.0.1"); await once(two, "listening");
const session = http2.connect("https://localhost", { createConnection: () => tls.connect({ port: two.address().port, host: "127.0.0.1", ca: pair.cert, servername: "localhost", ALPNProtocols: ["h2"] }) });
console.log((await Promise.all(["/one", "/two", "/three"].map(async path => (await body(session.request({ ":path": path }))).length))).join(" ")); session.close(); two.close();

const pipe = net.createServer(connection => connection.pipe(connection)).listen("/tmp/echo.sock"); await once(pipe, "listening"); const client = net.connect("/tmp/echo.sock"); const big = Buffer.alloc(1 << 20, "pattern"); client.end(big); console.log(sha(await body(client)) === sha(big)); pipe.close();
const udp = dgram.createSocket("udp4"); udp.on("message", (message, { address }) => { if (String(message) === "ping") udp.send("pong", from.address().port, "127.0.0.1"); }).bind(0, "127.0.0.1"); await once(udp, "listening");
const from = dgram.createSocket("udp4").bind(0, "127.0.0.1"); await once(from, "listening"); from.send("ping", udp.address().port, "127.0.0.1"); console.log(String((await once(from, "message"))[0])); udp.close(); from.close();
console.log("done");
