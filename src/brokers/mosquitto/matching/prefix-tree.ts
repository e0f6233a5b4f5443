/** Values by the beginning of a text. A look-up takes time for the length of the prefix, however many there are. */
export class PrefixTree<T> {
  private readonly root: Branch<T> = { label: '', value: undefined, branches: [] };

  /** The value of a prefix, made when there is none. */
  at(prefix: string, make: () => T): T {
    let branch = this.root;
    let rest = prefix;
    while (rest !== '') {
      const code = rest.charCodeAt(0);
      const next = branch.branches[code];
      if (next === undefined) {
        const leaf: Branch<T> = { label: rest, value: undefined, branches: [] };
        branch.branches[code] = leaf;
        branch = leaf;
        break;
      }
      const shared = sharedLength(next.label, rest);
      if (shared === next.label.length) {
        branch = next;
      } else {
        const fork: Branch<T> = { label: next.label.slice(0, shared), value: undefined, branches: [] };
        next.label = next.label.slice(shared);
        fork.branches[next.label.charCodeAt(0)] = next;
        branch.branches[code] = fork;
        branch = fork;
      }
      rest = rest.slice(shared);
    }
    branch.value ??= make();
    return branch.value;
  }

  /**
   * The value of the longest prefix of a text.
   * @param shorter look only for prefixes shorter than so many characters
   */
  find(text: string, shorter = Number.POSITIVE_INFINITY): T | undefined {
    let branch: Branch<T> | undefined = this.root;
    let found = branch.value;
    for (let at = 0; at < text.length; ) {
      const code = text.charCodeAt(at);
      branch = code < branch.branches.length ? branch.branches[code] : undefined;
      if (branch === undefined || !text.startsWith(branch.label, at)) return found;
      at += branch.label.length;
      if (at >= shorter) return found;
      if (branch.value !== undefined) found = branch.value;
    }
    return found;
  }
}

interface Branch<T> {
  label: string;
  value: T | undefined;
  /** By the code of the character their label begins with. */
  readonly branches: (Branch<T> | undefined)[];
}

function sharedLength(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a.charCodeAt(n) === b.charCodeAt(n)) n++;
  return n;
}
