import { Attribute, Change, type Control, type Entry } from 'ldapts';

/** An entry as it was read. Attribute names are looked up in any case. */
export class LdapEntry {
  readonly dn: string;
  private readonly attributes: ReadonlyMap<string, readonly (string | Buffer)[]>;

  constructor(entry: Entry) {
    const { dn, ...attributes } = entry;
    this.dn = dn;
    // ldapts gives one value bare, several as a list, and an empty list for what was asked for and is not there
    this.attributes = new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [value].flat()]));
  }

  /** An entry with these values. */
  static of(dn: string, attributes: ReadonlyMap<string, readonly (string | Buffer)[]>): LdapEntry {
    return new LdapEntry({ dn, ...Object.fromEntries(attributes) } as Entry);
  }

  /** All values, as bytes where they are no UTF-8 or bytes were asked for. */
  raw(attribute: string): readonly (string | Buffer)[] {
    return this.attributes.get(attribute.toLowerCase()) ?? [];
  }

  /** The values that are text. */
  values(attribute: string): readonly string[] {
    return this.raw(attribute).filter((value) => typeof value === 'string');
  }

  first(attribute: string): string | null {
    return this.values(attribute)[0] ?? null;
  }

  /** The names of the attributes that have a value. */
  names(): readonly string[] {
    return [...this.attributes].filter(([, values]) => values.length > 0).map(([name]) => name);
  }
}

/** How to write to exactly the object that was read, in the state it was read in as far as the server can check that. */
export interface Address {
  readonly dn: string;
  readonly controls: Control[];
}

/** One change of a modify operation. */
export function change(
  operation: 'add' | 'delete' | 'replace',
  type: string,
  values: readonly string[] | Buffer[],
): Change {
  return new Change({ operation, modification: new Attribute({ type, values: [...values] as string[] | Buffer[] }) });
}

/**
 * Gives an attribute other values in one operation that names the old ones: it fails when one of them is gone. Nothing
 * when old and new are the same.
 */
export function exchange(type: string, before: readonly string[], after: readonly string[]): Change[] {
  return [
    ...(before.length > 0 ? [change('delete', type, before)] : []),
    ...(after.length > 0 ? [change('add', type, after)] : []),
  ];
}
