// A job that works, and each way in which it can be broken: what the call must say then.

import { describe, expect, test } from "bun:test";
import { CromwellError } from "../../src/errors.ts";
import { Arena } from "../../src/native/memory.ts";
import { type FieldName, StructArray, type StructName } from "../../src/native/struct.ts";

// Never closed: several files use it.
export const place = new Arena(1 << 20).allocate(1 << 14);
export const unaligned = place + 2;
export const tooLarge = 2 ** 31;

export type Fields<N extends StructName> = Partial<Record<FieldName<N>, number>>;

/** A call that works, how it can be broken, and what the error says then. */
export interface Refusals<N extends StructName> {
  readonly kind: N;
  readonly call: (job: StructArray<N>) => void;
  readonly operation: string;
  readonly valid: Fields<N>;
  readonly missing: FieldName<N>[];
  readonly shapes: Fields<N>[];
  readonly types: Fields<N>[];
}

/** Declares the tests. */
export function refusals<N extends StructName>(given: Refusals<N>): void {
  const { kind, call, operation, valid, missing, shapes, types } = given;
  describe(operation, () => {
    const attempt = (broken: Fields<N>) => () =>
      call(new StructArray(kind).fill({ ...valid, ...broken }));

    test("the call that the others break works", attempt({}));

    test.each(missing)("without %s", (field) => {
      expect(attempt({ [field]: 0 } as Fields<N>)).toThrow(/: a pointer is missing$/);
      expect(attempt({ [field]: unaligned } as Fields<N>)).toThrow(/: an address is not aligned$/);
    });

    test.each(shapes.map((broken) => [JSON.stringify(broken), broken] as const))(
      "%s",
      (_, broken) => {
        expect(attempt(broken)).toThrow(/: the shapes do not fit$/);
        expect(attempt(broken)).toThrow(CromwellError);
        expect(attempt(broken)).toThrow(new RegExp(`^${operation} .*\\(`));
        const [field, value] = Object.entries(broken)[0]!;
        if (field.endsWith("stride")) return;
        expect(attempt(broken)).toThrow(`${field} ${value}`);
      },
    );

    for (const broken of types) {
      test(`unknown type ${JSON.stringify(broken)}`, () => {
        expect(attempt(broken)).toThrow(/: the element type is unknown$/);
      });
    }
  });
}
