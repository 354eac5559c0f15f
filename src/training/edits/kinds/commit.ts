// Small commits that people made, with what they said of them. They come from the history of a repository
// (../commits): from a unit by itself nothing can be taken.

import type { EditKind, Reverse } from "../kind.ts";

const none: Reverse = () => undefined;

export const commit: EditKind = {
  name: "commit",
  reversals: { python: none, typescript: none, javascript: none },
};
