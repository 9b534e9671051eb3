import type { YamlNode } from './yaml-node.ts';

/** A place in spec.yaml, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where each value of a spec.yaml stands, for whoever finds a defect after the parse. */
export interface SpecPositions {
  /** Position of the value at `path`, for example `['scopes', 0, 'handler']`; of its nearest parent if it is absent. */
  at(path: readonly (string | number)[]): Position;
}

const START: Position = { line: 1, column: 1 };

export function specPositions(root: YamlNode | undefined): SpecPositions {
  return {
    at(path) {
      let node = root;
      let at = root?.at ?? START;
      for (const step of path) {
        if (node?.kind === 'map') node = node.entries.get(String(step))?.value;
        else if (node?.kind === 'list') node = node.items[Number(step)];
        else break;
        if (!node) break;
        at = node.at;
      }
      return at;
    },
  };
}
