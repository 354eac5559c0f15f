// Programs that try what generated code must not do, and what has to come of it. They say what they
// managed on standard output.

import type { Outcome } from "../../src/evaluation/sandbox/runner.ts";

export interface Surroundings {
  /** Where something listens on the machine's own network. */
  readonly port: number;
  /** A file of the user's, and a folder that the user may write to. */
  readonly secret: string;
  readonly folder: string;
}

export interface HostileProgram {
  readonly name: string;
  readonly source: string;
  /** Time that it is given; default: 20. */
  readonly seconds?: number;
  holds(outcome: Outcome): boolean;
}

const prints = (text: string) => (outcome: Outcome) =>
  outcome.ended === "exit" && outcome.stdout === `${text}\n`;

/** Python that prints each of some attempts that succeeds, then "end". */
function attempts(...lines: string[]): string {
  const each = lines.map(
    (line) => `try:\n  ${line}\n  print(${JSON.stringify(line)})\nexcept OSError: pass`,
  );
  return `import os, socket\n${each.join("\n")}\nprint("end")`;
}

export function hostilePrograms({ port, secret, folder }: Surroundings): HostileProgram[] {
  const text = (path: string) => JSON.stringify(path);
  return [
    {
      name: "an honest program",
      source: "import math, json, re, collections\nprint(math.factorial(5))",
      holds: prints("120"),
    },
    {
      name: "a socket",
      source: attempts(
        `socket.create_connection(("127.0.0.1", ${port}), 1)`,
        `socket.create_connection(("8.8.8.8", 53), 1)`,
        `socket.getaddrinfo("example.org", 80)`,
      ),
      holds: prints("end"),
    },
    {
      name: "a fork bomb",
      source: "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
      seconds: 1,
      holds: ({ ended }) => ended === "time",
    },
    {
      name: "more processes than allowed",
      source:
        "import subprocess\nn = 0\ntry:\n  while n < 500:\n    subprocess.Popen(['sleep', '9'])\n    n += 1\n" +
        "except OSError: pass\nprint('few' if n < 40 else n)",
      holds: prints("few"),
    },
    {
      name: "a write outside",
      source: attempts(
        'open("/usr/written", "w")',
        'open("/written", "w")',
        'open("/etc/passwd", "a")',
        `open(${text(`${folder}/written`)}, "w")`,
        `open(${text(secret)}, "a")`,
        'open("/proc/sys/kernel/core_pattern", "w")',
        'os.chmod("/usr/bin", 0o777)',
        'os.mkdir("/outside")',
      ),
      holds: prints("end"),
    },
    {
      name: "reading what is the user's",
      source: attempts(
        `open(${text(secret)})`,
        'open("/etc/shadow")',
        'open("/etc/passwd")',
        `os.listdir(${text(folder)})`,
        'os.listdir("/home")',
        'open(os.path.expanduser("~root/.bashrc"))',
        'open("/.outside/etc/shadow")',
        'open("/proc/1/root/etc/shadow")',
        'open("/proc/1/environ").read(1)',
      ),
      holds: prints("end"),
    },
    {
      name: "rights",
      source:
        "import os\nstatus = open('/proc/self/status').read() if os.path.exists('/proc/self') else ''\n" +
        "print([line.split()[1] for line in status.splitlines() if line.startswith(('CapEff', 'CapBnd', 'NoNewPrivs'))])",
      holds: ({ stdout }) => /^\[('0{16}', '0{16}', '1')?\]\n$/.test(stdout),
    },
    {
      name: "rights in a user namespace",
      source:
        "import ctypes\nsystem = ctypes.CDLL(None)\nuser, mounts = 0x10000000, 0x20000\n" +
        "made = system.unshare(user) == 0, system.unshare(user | mounts) == 0, system.unshare(mounts) == 0\n" +
        "mounted = system.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0\n" +
        "print(made, mounted)",
      holds: prints("(False, False, False) False"),
    },
    {
      name: "other processes",
      source: `${attempts("os.kill(1, 9)", "os.kill(-1, 0)")}\nprint(os.getppid())`,
      // Process 1, the sandbox's own, lives on and is the parent; of others there are none.
      holds: ({ stdout, exitCode }) => exitCode === 0 && stdout.endsWith("end\n1\n"),
    },
    {
      name: "8 GB of memory in one process",
      source: "try:\n  b = bytearray(8 << 30)\n  print(len(b))\nexcept MemoryError: print('none')",
      holds: prints("none"),
    },
    {
      name: "8 GB of memory in many processes",
      source:
        "import os, time\nfor i in range(20):\n  if os.fork() == 0:\n    b = b'x' * (400 << 20)\n    time.sleep(60)\n" +
        "time.sleep(60)",
      holds: ({ ended }) => ended === "memory",
    },
    {
      name: "8 GB of memory in processes that threads started",
      source:
        "import os, threading, time\ndef start():\n  for i in range(8):\n    if os.fork() == 0:\n      b = b'x' * (400 << 20)\n      time.sleep(60)\n" +
        "  time.sleep(60)\nthreading.Thread(target=start).start()\ntime.sleep(60)",
      holds: ({ ended }) => ended === "memory",
    },
    {
      name: "3 GB of memory that no process has mapped",
      source:
        "import os, time\nfor i in range(50):\n  file = os.memfd_create(str(i))\n  for j in range(60): os.write(file, b'x' * (1 << 20))\n" +
        "time.sleep(60)",
      holds: ({ ended }) => ended === "memory",
    },
    {
      name: "an endless loop",
      source: "while True: pass",
      seconds: 1,
      holds: ({ ended, milliseconds }) => ended === "time" && milliseconds < 10_000,
    },
    {
      name: "1 GB of output",
      source: "import sys\nfor i in range(1000): sys.stdout.write('x' * 1_000_000)",
      holds: ({ ended, stdout }) => ended === "output" && stdout.length === 2 ** 20,
    },
    {
      name: "a file of 1 GB",
      source:
        "n = 0\ntry:\n  for name in range(100):\n    with open(str(name), 'wb') as f:\n      for i in range(50):\n        f.write(b'x' * 1_000_000)\n        n += 1\n" +
        "except OSError: pass\nprint('end' if n < 80 else n)",
      holds: prints("end"),
    },
    {
      name: "a daemon left behind",
      source:
        "import os, time\nif os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0:\n    for d in (0, 1, 2): os.close(d)\n    time.sleep(600)\n  os._exit(0)\n" +
        "print('left')",
      holds: prints("left"),
    },
  ];
}
