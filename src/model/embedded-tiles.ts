// The stored weights of a model that lies inside an executable: beside it, mapped like those of the
// cache folder.

import type { ModelFile } from "../formats/model-view.ts";
import { mapTiles, type TileSource, tileHeader } from "./stored-tiles.ts";

/** The tiles beside an embedded model; undefined for any other. */
export function embeddedTiles({ path, embedded }: ModelFile): TileSource | undefined {
  const tiles = embedded?.tiles;
  if (tiles === undefined) return undefined;
  return {
    map(layout) {
      const header = tileHeader(layout);
      if (tiles.size !== header.length + layout.size) return undefined;
      return mapTiles(path, embedded!.size, tiles.offset, header);
    },
  };
}
