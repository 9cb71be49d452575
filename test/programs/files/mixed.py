"""Threads, subprocesses, processes, asyncio and sqlite3 in one program: each part's result is checked against the same thing done simply."""
import asyncio, concurrent.futures, ctypes, hashlib, http.client, http.server, json, mmap, multiprocessing, os, select, selectors, signal, socket, sqlite3, subprocess, sys, threading, time, urllib.request, zlib

def digest(text): return hashlib.sha256(text.encode()).hexdigest()[:12]

def in_threads():
    lock, total, seen = threading.Condition(), 0, []
    def produce(n):
        nonlocal total
        for i in range(200):
            with lock: total += n * i; seen.append((n, i)); lock.notify()
    threads = [threading.Thread(target=produce, args=(n,)) for n in range(8)]
    for thread in threads: thread.start()
    with lock: assert lock.wait_for(lambda: len(seen) == 1600, 30)
    for thread in threads: thread.join()
    with concurrent.futures.ThreadPoolExecutor(4) as pool: hashes = list(pool.map(lambda n: zlib.crc32(b"x" * n), range(0, 50000, 1000)))
    return total, len(set(seen)), digest(repr(hashes))

def square(n): return n * n, os.getpid() != os.getppid()
def in_processes():
    with multiprocessing.Pool(3) as pool: squares = pool.map(square, range(50), 7)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool: digests = list(pool.map(digest, ["a", "b", "c"]))
    parent, child = multiprocessing.Pipe(); process = multiprocessing.Process(target=child.send, args=({"from": "child"},)); process.start(); got = parent.recv(); process.join()
    counter = multiprocessing.Value("i", 0)
    def count():
        for _ in range(500):
            with counter.get_lock(): counter.value += 1
    counters = [multiprocessing.Process(target=count) for _ in range(3)]
    for one in counters: one.start()
    for one in counters: one.join()
    return sum(value for value, _ in squares), digests, got, process.exitcode, counter.value

def with_commands():
    pipeline = subprocess.Popen("for i in 5 3 9 1; do echo $i; done | sort -n | tr '\\n' ,", shell=True, stdout=subprocess.PIPE, text=True).communicate()[0]
    big = subprocess.run(["sh", "-c", "cat | wc -c; echo problem >&2; exit 3"], input=b"z" * 300000, capture_output=True)
    try: subprocess.run(["sleep", "30"], timeout=0.05)
    except subprocess.TimeoutExpired as error: late = error.cmd
    killed = subprocess.Popen(["sleep", "30"], start_new_session=True); os.killpg(killed.pid, signal.SIGKILL)
    many = [subprocess.Popen([sys.executable, "-S", "-c", f"print({n} ** {n})"], stdout=subprocess.PIPE) for n in range(1, 9)]
    return pipeline, big.stdout.strip(), big.stderr, big.returncode, late, killed.wait(), digest(repr([one.communicate()[0] for one in many]))

async def in_loop():
    log = []
    async def serve(reader, writer):
        while line := await reader.readline(): writer.write(line.upper()); await writer.drain()
        writer.close()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async def client(n):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for i in range(20): writer.write(f"client {n} line {i}\n".encode()); log.append((await reader.readline()).decode())
        writer.close(); await writer.wait_closed()
    await asyncio.gather(*(client(n) for n in range(10)))
    process = await asyncio.create_subprocess_exec("sort", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate("".join(log).encode())
    loop = asyncio.get_running_loop(); fired = asyncio.Event(); loop.add_signal_handler(signal.SIGUSR1, fired.set); os.kill(os.getpid(), signal.SIGUSR1); await asyncio.wait_for(fired.wait(), 5)
    threaded = await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01) for _ in range(5)))
    server.close(); await server.wait_closed()
    return len(log), digest(out.decode()), len(threaded)

def in_database():
    path = "mixed.db"
    def connect(): return sqlite3.connect(path, timeout=30, isolation_level=None)
    base = connect(); base.execute("pragma journal_mode = wal"); base.execute("create table t(who, n)")
    def write(who):
        mine = connect()
        for n in range(50): mine.execute("begin immediate"); mine.execute("insert into t values(?, ?)", (who, n)); mine.execute("commit")
        mine.close()
    threads = [threading.Thread(target=write, args=(who,)) for who in range(3)]
    child = os.fork()
    if child == 0: write("child"); os._exit(0)
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    os.waitpid(child, 0)
    base.create_function("double", 1, lambda n: n * 2)
    return base.execute("select count(*), sum(double(n)), count(distinct who) from t").fetchall(), base.execute("pragma integrity_check").fetchone()

def over_http():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"]))); answer = json.dumps({"path": self.path, "sum": sum(body)}).encode()
            self.send_response(200); self.send_header("content-length", str(len(answer))); self.end_headers(); self.wfile.write(answer)
        def log_message(self, *_): pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler); threading.Thread(target=server.serve_forever, daemon=True).start()
    def ask(n): return json.load(urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{server.server_port}/{n}", json.dumps(list(range(n))).encode())))["sum"]
    with concurrent.futures.ThreadPoolExecutor(4) as pool: sums = list(pool.map(ask, range(20)))
    server.shutdown(); return sums

def low_down():
    area = mmap.mmap(-1, 8192); area[4095:4099] = b"edge"
    left, right = socket.socketpair(); socket.send_fds(left, [b"here"], [os.open("/dev/null", os.O_RDONLY)]); message, fds, _, _ = socket.recv_fds(right, 10, 1); passed = os.readlink(f"/proc/self/fd/{fds[0]}")
    poll = select.epoll(); poll.register(right, select.EPOLLIN | select.EPOLLET); left.send(b"x"); ready = [event for _, event in poll.poll(1)]
    libc = ctypes.CDLL(None); libc.qsort.restype = None; numbers = (ctypes.c_int * 5)(5, 3, 1, 4, 2)
    libc.qsort(numbers, 5, 4, ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0]))
    r, w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    try: os.read(r, 1)
    except BlockingIOError as error: said = error.strerror
    memory = os.memfd_create("m"); os.write(memory, b"m" * 5000); os.lseek(memory, 0, 0)
    return area[4090:4100], message, passed, ready, list(numbers), said, os.fstat(memory).st_size, os.sendfile(w, memory, 0, 5000), type(selectors.DefaultSelector()).__name__

if __name__ == "__main__":
    for part in (in_threads, in_processes, with_commands, lambda: asyncio.run(in_loop()), in_database, over_http, low_down): print(part.__name__, part(), flush=True)
