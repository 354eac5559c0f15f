// JSON as Python writes it, where a number may be NaN, Infinity or -Infinity: so are tasks published, and
// no other reader takes them.

/** The value of a JSON text, with null for numbers that JSON has not. Throws SyntaxError. */
export function parsePythonJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const plain = withoutOddNumbers(json);
    if (plain === json) throw error;
    return JSON.parse(plain);
  }
}

const mark = /"|-?Infinity|NaN/g;
const endOrEscape = /["\\]/g;

/** In strings these words stay. By steps, as an expression for a whole string fails on one of megabytes. */
function withoutOddNumbers(json: string): string {
  const parts: string[] = [];
  let kept = 0;
  mark.lastIndex = 0;
  for (let found = mark.exec(json); found !== null; found = mark.exec(json)) {
    if (found[0] === '"') {
      mark.lastIndex = stringEnd(json, mark.lastIndex);
    } else {
      parts.push(json.slice(kept, found.index), "null");
      kept = mark.lastIndex;
    }
  }
  return parts.join("") + json.slice(kept);
}

/** The place behind a string that starts before `from`. */
function stringEnd(json: string, from: number): number {
  endOrEscape.lastIndex = from;
  for (let found = endOrEscape.exec(json); found !== null; found = endOrEscape.exec(json)) {
    if (found[0] === '"') return endOrEscape.lastIndex;
    // Whatever is escaped, even a quote, ends no string.
    endOrEscape.lastIndex++;
  }
  return json.length;
}
