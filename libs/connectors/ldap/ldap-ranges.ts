import { LdapEntry } from './ldap-entry.js';

/** `member;range=0-1499`: which of an attribute's values these are; `*` means that no more follow. */
const RANGE = /^(.+);range=(\d+)-(\d+|\*)$/i;
/** More than any group has; a server that never says "no more" must not keep a worker for ever. */
const MOST_PARTS = 10_000;

interface Part {
  readonly key: string;
  readonly attribute: string;
  readonly last: string;
}

/**
 * An entry with all values of its attributes. A domain controller gives many values in parts (MS-ADTS 3.1.1.3.1.3.3, 1,500
 * at a time): the rest is asked for, part by part.
 * @param more reads the entry again with one attribute.
 */
export async function completed(
  entry: LdapEntry,
  more: (attribute: string) => Promise<LdapEntry | null>,
): Promise<LdapEntry> {
  const parts = partsOf(entry);
  if (parts.length === 0) return entry;
  const whole = new Map(entry.names().map((name) => [name, [...entry.raw(name)]]));
  for (const { key, attribute, last } of parts) {
    whole.delete(key);
    whole.set(attribute, [...entry.raw(key), ...(await valuesAfter(attribute, last, more))]);
  }
  return LdapEntry.of(entry.dn, whole);
}

async function valuesAfter(
  attribute: string,
  last: string,
  more: (attribute: string) => Promise<LdapEntry | null>,
): Promise<readonly (string | Buffer)[]> {
  const values: (string | Buffer)[] = [];
  for (let end = last, parts = 0; end !== '*' && parts < MOST_PARTS; parts += 1) {
    const entry = await more(`${attribute};range=${Number(end) + 1}-*`);
    const part = entry && partsOf(entry).find((one) => one.attribute === attribute);
    if (!part) break;
    values.push(...entry.raw(part.key));
    end = part.last;
  }
  return values;
}

function partsOf(entry: LdapEntry): readonly Part[] {
  return entry.names().flatMap((key) => {
    const [, attribute, , last] = RANGE.exec(key) ?? [];
    return attribute !== undefined && last !== undefined ? [{ key, attribute, last }] : [];
  });
}
