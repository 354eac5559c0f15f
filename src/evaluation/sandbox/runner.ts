// What runs programs that a model wrote: the sandbox, or, where the user says so, the bare machine. Both
// keep the same limits of time and output.

export interface Program {
  /** The text of a file "main" in the folder that the program starts in. */
  readonly source: string;
  /** Its environment, NAME=VALUE, then its command. */
  readonly command: readonly string[];
  /** Folders and files that it needs besides the system's, absolute and without links. */
  readonly needs: readonly string[];
}

export interface Limits {
  /** On the clock, and, one more, of each process on a processor. */
  readonly seconds: number;
  /** Address space of each process, and resident memory and open files in memory of all together. */
  readonly memoryBytes: number;
  /** Processes and threads at once. */
  readonly processes: number;
  readonly openFiles: number;
  /** Largest file, and all files together. */
  readonly fileBytes: number;
  /** Most of stdout and of stderr; more ends the program. */
  readonly outputBytes: number;
}

export const defaultLimits: Limits = {
  seconds: 10,
  memoryBytes: 2 ** 30,
  processes: 32,
  openFiles: 64,
  fileBytes: 64 * 2 ** 20,
  outputBytes: 2 ** 20,
};

export interface Outcome {
  /** "exit", or the limit that ended it. */
  readonly ended: "exit" | "time" | "output" | "memory";
  /** 128 and more for a signal; null where a limit ended it. */
  readonly exitCode: number | null;
  /** The beginnings of what it wrote. */
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface Runner {
  /** Runs a program to its end or to a limit. Throws CromwellError "interrupted". */
  run(program: Program, limits: Limits, signal?: AbortSignal): Promise<Outcome>;
  close(): void;
}
