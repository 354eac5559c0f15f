// The verbs of the command line and their actions: what each does in a line, and where it is. A verb's
// own file is loaded only when it is called or its help is asked for.

import type { Verb } from "./verb.ts";

export interface Entry {
  /** What it does, for the help; here, so that the overview loads no verb. */
  readonly summary: string;
  load(): Promise<Verb>;
}

/** A verb of several actions, each with flags of its own: `eval perplexity`. */
export interface Group {
  readonly summary: string;
  readonly actions: Readonly<Record<string, Entry>>;
}

/** Each verb is loaded when it is called: `complete` must not wait for what it does not need. */
export const verbs: Record<string, Entry | Group> = {
  complete: {
    summary: "Continue a text, or fill in at a position of a file",
    load: async () => (await import("./complete.ts")).complete,
  },
  edit: {
    summary: "Edit a file as an instruction says",
    load: async () => (await import("./edit.ts")).edit,
  },
  diff: {
    summary: "Show what changed between two files or folders",
    load: async () => (await import("./diff.ts")).diff,
  },
  apply: {
    summary: "Apply a patch, all of it or nothing",
    load: async () => (await import("./apply.ts")).apply,
  },
  undo: {
    summary: "Take back the last write, or the last one of a file",
    load: async () => (await import("./undo.ts")).undo,
  },
  files: {
    summary: "List the files of a project: tracked ones and those that are not ignored",
    load: async () => (await import("./files.ts")).files,
  },
  context: {
    summary: "Show what a model would be shown of the project beside a file",
    load: async () => (await import("./context.ts")).context,
  },
  inspect: {
    summary: "Show what a model file holds",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  tokenize: {
    summary: "Show the tokens of a text",
    load: async () => (await import("./tokenize.ts")).tokenize,
  },
  tokenizer: {
    summary: "Train a tokenizer on code",
    actions: {
      train: {
        summary: "Learn a vocabulary from a folder of code or a file of texts",
        load: async () => (await import("./tokenizer/train.ts")).train,
      },
    },
  },
  data: {
    summary: "Make a corpus of code or text fit to learn from",
    actions: {
      clean: {
        summary: "Clean texts, and drop those that nobody wrote",
        load: async () => (await import("./data/clean.ts")).clean,
      },
      dedupe: {
        summary: "Drop texts that are there already, or nearly",
        load: async () => (await import("./data/dedupe.ts")).dedupe,
      },
      filter: {
        summary: "Keep texts by language, licence, size, secrets and syntax",
        load: async () => (await import("./data/filter.ts")).filter,
      },
      split: {
        summary: "Part a corpus into training, validation and test",
        load: async () => (await import("./data/split.ts")).split,
      },
      edits: {
        summary: "Make examples of edits from repositories",
        load: async () => (await import("./data/edits.ts")).edits,
      },
      inspect: {
        summary: "Show what a corpus holds",
        load: async () => (await import("./data/inspect.ts")).inspect,
      },
    },
  },
  train: {
    summary: "Train a model on code or text",
    load: async () => (await import("./train.ts")).train,
  },
  runs: {
    summary: "List trainings, show one, or watch it while it goes on",
    load: async () => (await import("./runs.ts")).runs,
  },
  finetune: {
    summary: "Adapt a model to data",
    actions: {
      lora: {
        summary: "Learn instructions by low-rank adapters beside the weights",
        load: async () => (await import("./finetune.ts")).finetuneVerbs.lora,
      },
      instruct: {
        summary: "Learn instructions by the weights themselves",
        load: async () => (await import("./finetune.ts")).finetuneVerbs.instruct,
      },
      classify: {
        summary: "Learn to tell classes of texts",
        load: async () => (await import("./finetune.ts")).finetuneVerbs.classify,
      },
      preference: {
        summary: "Learn which of two answers is preferred",
        load: async () => (await import("./finetune.ts")).finetuneVerbs.preference,
      },
    },
  },
  pull: {
    summary: "Download a model",
    load: async () => (await import("./pull.ts")).pull,
  },
  models: {
    summary: "List the models here and those that pull knows",
    load: async () => (await import("./models.ts")).models,
  },
  init: {
    summary: "Write a new model with random weights",
    load: async () => (await import("./init.ts")).init,
  },
  convert: {
    summary: "Convert a model to another type or format",
    load: async () => (await import("./convert.ts")).convert,
  },
  bench: {
    summary: "Measure how fast a model runs here, beside what the machine could do",
    load: async () => (await import("./bench.ts")).bench,
  },
  eval: {
    summary: "Measure what a model can do",
    actions: {
      perplexity: {
        summary: "Measure how well a model predicts texts",
        load: async () => (await import("./eval/perplexity.ts")).perplexity,
      },
      code: {
        summary: "Measure how many programming tasks a model solves, by running its code",
        load: async () => (await import("./eval/code.ts")).code,
      },
      edits: {
        summary: "Measure how often an instruction gives the edit that it asks for",
        load: async () => (await import("./eval/edits.ts")).edits,
      },
      fim: {
        summary: "Measure how often a model fills in the lines that were taken out of files",
        load: async () => (await import("./eval/fim.ts")).fim,
      },
      classify: {
        summary: "Measure how well a model sorts texts into classes",
        load: async () => (await import("./eval/classify.ts")).classify,
      },
    },
  },
  doctor: {
    summary: "Show the machine, the kernels in use and the default model's state",
    load: async () => (await import("./doctor.ts")).doctor,
  },
};

/** Every verb as it is typed, with its action where it has some. */
export const verbNames: readonly string[] = Object.entries(verbs).flatMap(([name, entry]) =>
  "load" in entry ? [name] : Object.keys(entry.actions).map((action) => `${name} ${action}`),
);
