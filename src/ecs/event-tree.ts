import { quote } from './json.ts';

/** What stands in a place of an event: a JSON text, or the value of a slot. */
export type Leaf = { readonly constant: string } | { readonly slot: number };
/** An event as objects in objects, in the order of their keys. */
export interface Tree extends Map<string, Tree | Leaf> {}

/** @param name of the field, with dots */
export function insert(tree: Tree, name: string, leaf: Leaf): void {
  const path = name.split('.');
  let node = tree;
  for (const key of path.slice(0, -1)) {
    const next = node.get(key);
    if (next instanceof Map) {
      node = next;
    } else {
      const made: Tree = new Map();
      node.set(key, made);
      node = made;
    }
  }
  node.set(path.at(-1) ?? name, leaf);
}

/** Walks the tree in order; `text` is what has been said since the last value. Returns what remains behind the last one. */
export function render(
  tree: Tree,
  text: string,
  segments: string[],
  order: number[],
  isText: (slot: number) => boolean,
): string {
  let out = `${text}{`;
  let first = true;
  for (const [key, node] of tree) {
    out += `${first ? '' : ','}"${quote(key)}":`;
    first = false;
    if (node instanceof Map) {
      out = render(node, out, segments, order, isText);
    } else if ('constant' in node) {
      out += node.constant;
    } else {
      const mark = isText(node.slot) ? '"' : '';
      segments.push(out + mark);
      order.push(node.slot);
      out = mark;
    }
  }
  return `${out}}`;
}
